"""A progress bar with rate and time left on stderr, for whatever takes longer than two seconds.

Step counts only, never a loss or anything else computed from data.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from typing import TextIO

_QUIET_S = 2.0
_EVERY_TERMINAL_S, _EVERY_FILE_S = 0.25, 10.0
_WIDTH = 20


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
        self._begun = self._now = self._spoken = self._clock()

    def advance(self, steps: int) -> None:
        """So many more are done."""
        self._done += steps
        self._now = self._clock()
        pause = _EVERY_TERMINAL_S if self._in_place else _EVERY_FILE_S
        spoke = self._spoken > self._begun
        if self._now - self._begun >= _QUIET_S and (not spoke or self._now - self._spoken >= pause):
            self._spoken = self._now
            self._stream.write(f"\r\x1b[K{self._line()}" if self._in_place else f"{self._line()}\n")
            self._stream.flush()

    def end(self) -> None:
        """Wipe the line, if there is one to wipe."""
        if self._in_place and self._spoken > self._begun:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    @property
    def rate(self) -> float:
        """Steps per second of this piece of work, as of its last step."""
        return self._done / max(self._now - self._begun, 1e-9)

    @property
    def left_s(self) -> float:
        """Seconds that the rest will take at this rate."""
        return max(0, self._total - self._done) / self.rate if self._done else 0.0

    def _line(self) -> str:
        share = min(1.0, self._done / self._total) if self._total else 0.0
        full = int(_WIDTH * share)
        bar = "#" * full + "-" * (_WIDTH - full)
        counts = f"{_short(self._done)}/{_short(self._total)} steps, {_short(self.rate)} steps/s"
        return f"{self._name} [{bar}] {counts}, {self.left_s:.0f} s left"


def silent() -> Meter:
    """A meter that nobody hears."""
    return Meter(io.StringIO())


def _short(count: float) -> str:
    """160, 31.4, 2.50M: a line must fit a terminal, or it cannot be written over."""
    if count >= 1e6:
        return f"{count / 1e6:.2f}M"
    return str(count) if isinstance(count, int) else f"{count:.1f}"
