"""A run of unlearning step by step: how likely the answers are, and how useful the model stays. Drawn here.

Probabilities fall by powers of ten, so their axis counts those; usefulness is a share of the old model's.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from governance.console.pages.chart_frame import RIGHT, WIDTH, Frame, down
from governance.verification.sealed_runs import Look, Run

LEFT = 52
LEAST, MOST_DECADES, MOST_LABELS, MOST_SPOTS = 1e-6, 6, 6, 24
Scale = Callable[[float], float]


@dataclass(frozen=True)
class Line:
    words: str
    tone: str
    shape: str
    path: str
    spots: list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class LineChart(Frame):
    """floor: where a line across stands, with its words; kept: where an upright one does."""

    lines: list[Line]
    kept: float
    floor: tuple[float, str] | None
    left: int = LEFT


def probability_chart(run: Run) -> LineChart:
    """The rows to forget beside rows that nobody trained on."""
    forget, never = [look.forget for look in run.looks], [look.never_seen for look in run.looks]
    decades = decades_of([*forget, *never])
    up = logarithmic(decades)
    lines = [
        line_of("Rows to forget", "candidate", "circle", run.looks, forget, up),
        line_of("Never-seen rows", "never", "square", run.looks, never, up),
    ]
    ticks = [(down(1 - power / decades), share_words(10.0**-power)) for power in range(decades + 1)]
    return chart_of(run, lines, ticks, None, f"Probability of the answers. {heard(run, forget, 'rows to forget')}")


def utility_chart(run: Run) -> LineChart:
    """Usefulness on rows to keep, with the floor under which no state is chosen."""
    values = [look.utility for look in run.looks]
    top = max(1.0, *values)

    def up(value: float) -> float:
        return down(value / top)

    lines = [line_of("Usefulness on rows to keep", "done", "circle", run.looks, values, up)]
    ticks = [(up(share), f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    floor = (up(run.floor), f"floor {run.floor:.0%}") if run.floor else None
    return chart_of(run, lines, ticks, floor, f"Usefulness. {heard(run, values, 'rows to keep')}")


def chart_of(
    run: Run, lines: list[Line], ticks: list[tuple[float, str]], floor: tuple[float, str] | None, spoken: str
) -> LineChart:
    steps = [look.step for look in run.looks]
    labels = [(across(step, steps), f"{step:,}") for step in round_steps(steps[-1])]
    kept = across(run.kept, steps)
    return LineChart(lines=lines, ticks=ticks, labels=labels, kept=kept, floor=floor, spoken=spoken)


def line_of(words: str, tone: str, shape: str, looks: Sequence[Look], values: Sequence[float], up: Scale) -> Line:
    steps = [look.step for look in looks]
    spots = [(across(step, steps), up(value)) for step, value in zip(steps, values, strict=True)]
    path = f"M{' L'.join(f'{x:.1f} {y:.1f}' for x, y in spots)}"
    return Line(words, tone, shape, path, spots if len(spots) <= MOST_SPOTS else [])


def across(step: int, steps: Sequence[int]) -> float:
    room, last = WIDTH - LEFT - RIGHT - 24, steps[-1]
    return LEFT + 12 + (room * min(step, last) / last if last else room / 2)


def decades_of(values: Sequence[float]) -> int:
    """How many powers of ten the axis goes down: to below the least value, and no further than LEAST."""
    least = max(LEAST, min(values))
    return min(MOST_DECADES, max(1, math.ceil(-math.log10(least) - 1e-9)))


def logarithmic(decades: int) -> Scale:
    return lambda value: down(max(0.0, 1 + math.log10(max(value, LEAST)) / decades))


def round_steps(last: int) -> list[int]:
    """0 and a few round numbers up to the last step."""
    if last <= 0:
        return [0]
    power = 10.0 ** math.floor(math.log10(last))
    every = next(size for size in (power / 10, power / 5, power / 2, power, 2 * power) if last / size < MOST_LABELS)
    size = max(1, round(every))
    return list(range(0, last + 1, size))


def share_words(value: float) -> str:
    """A share in percent, without an exponent: '100%', '0.01%'."""
    percent = 100 * value
    if percent >= 1:
        return f"{percent:.0f}%"
    digits = min(6, math.ceil(-math.log10(percent) - 1e-9)) if percent > 0 else 0
    return f"{percent:.{digits}f}%"


def heard(run: Run, values: Sequence[float], whom: str) -> str:
    return (
        f"Of {whom} {share_words(values[0])} at the start and {share_words(values[-1])} at step {run.looks[-1].step}."
    )
