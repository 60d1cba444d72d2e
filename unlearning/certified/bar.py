"""How far a fit is: a callback for programs, a bar on stderr for people. Step counts only, never a loss."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

# (phase, step, steps, steps per second, seconds left)
Callback = Callable[[str, int, int, float, float], None]
_QUIET_S = 2.0
_LEAST_GAP_S = 0.2
_WIDTH = 24


class Bar:
    """Call it after each step. Shows nothing for the first two seconds, and nothing at all when verbose is 0."""

    def __init__(
        self, phase: str, steps: int, *, verbose: int, callback: Callback | None, stream: TextIO | None = None
    ) -> None:
        self._phase, self._steps, self._verbose, self._callback = phase, steps, verbose, callback
        self._stream = stream or sys.stderr
        self._start_s = self._shown_s = time.monotonic()
        self._shown = False

    def __call__(self, step: int) -> None:
        """Say that `step` steps are done."""
        now_s = time.monotonic()
        rate = step / max(now_s - self._start_s, 1e-9)
        left_s = (self._steps - step) / rate
        if self._callback is not None:
            self._callback(self._phase, step, self._steps, rate, left_s)
        late = now_s - self._start_s >= _QUIET_S and now_s - self._shown_s >= _LEAST_GAP_S
        if self._verbose and (late or (self._shown and step == self._steps)):
            self._show(step, rate, left_s)
            self._shown_s = now_s

    def _show(self, step: int, rate: float, left_s: float) -> None:
        self._shown = True
        full = _WIDTH * step // self._steps
        bar = "#" * full + "-" * (_WIDTH - full)
        end = "\n" if step == self._steps else ""
        line = f"\r{self._phase} [{bar}] {step}/{self._steps} steps, {rate:.1f} steps/s, {left_s:.0f} s left  "
        self._stream.write(line + end)
        self._stream.flush()
