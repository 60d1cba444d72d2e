"""A progress line with rate and time left, for whatever takes longer than two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

_QUIET_S = 2.0
_EVERY_TERMINAL_S, _EVERY_FILE_S = 0.25, 10.0


class Meter:
    """Counts steps of runs; speaks only after two seconds, in place on a terminal and seldom in a file."""

    def __init__(self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._in_place = self._stream.isatty()
        self.begin("", 0)

    def begin(self, name: str, total: int) -> None:
        """A new piece of work of `total` steps."""
        self._name, self._total, self._done = name, total, 0
        self._begun = self._spoken = self._clock()

    def advance(self, steps: int) -> None:
        """So many more are done."""
        self._done += steps
        now = self._clock()
        pause = _EVERY_TERMINAL_S if self._in_place else _EVERY_FILE_S
        spoke = self._spoken > self._begun
        if now - self._begun >= _QUIET_S and (not spoke or now - self._spoken >= pause):
            self._spoken = now
            self._stream.write(f"\r\x1b[K{self._line(now)}" if self._in_place else f"{self._line(now)}\n")
            self._stream.flush()

    def end(self) -> None:
        """Wipe the line, if there is one to wipe."""
        if self._in_place and self._spoken > self._begun:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _line(self, now: float) -> str:
        rate = self._done / max(now - self._begun, 1e-9)
        left = max(0, self._total - self._done) / rate if rate else 0.0
        share = min(1.0, self._done / self._total) if self._total else 0.0
        return f"{self._name}: {share:.0%}, {rate / 1e6:.2f} million steps/s, {left:.0f} s left"
