"""How far a fit is: a callback for programs, a meter on stderr for people. Step counts only, never a loss."""

from __future__ import annotations

from collections.abc import Callable

from unlearning.meter import Meter

# (phase, step, steps, steps per second, seconds left)
Callback = Callable[[str, int, int, float, float], None]


def watching(phase: str, steps: int, *, meter: Meter, callback: Callback | None) -> Callable[[int], None]:
    """What to call after each step with its number, counted from 1."""
    meter.begin(phase, steps)

    def after_step(step: int) -> None:
        meter.advance(1)
        if step == steps:
            meter.end()
        if callback is not None:
            callback(phase, step, steps, meter.rate, meter.left_s)

    return after_step
