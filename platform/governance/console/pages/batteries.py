"""Batteries as a page shows them: a table with exact intervals, and success against budget as a chart."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.console.pages.rate_chart import Point, RateChart, Series, rate_chart
from governance.verification.showing import Battery, Count, Step
from governance.verification.strength_words import strength_of, strength_words

SEALED = "sealed"


@dataclass(frozen=True)
class Row:
    budget: str
    candidate: str
    never_seen: str
    retrained: str
    original: str


@dataclass(frozen=True)
class View:
    words: str
    planted: bool
    rows: list[Row]
    chart: RateChart | None
    compared: bool  # whether the candidate's own success may be seen beside that of strangers


def views(batteries: Sequence[Battery]) -> list[View]:
    return [View(each.words, each.planted, rows(each), chart(each), is_compared(each)) for each in batteries]


def rows(battery: Battery) -> list[Row]:
    return [
        Row(
            strength_words(battery.name, [step.budget]),
            counted(step.candidate) or SEALED,
            counted(step.never_seen) or "—",
            spread_words(step),
            counted(step.original) or SEALED,
        )
        for step in battery.steps
    ]


def counted(count: Count | None) -> str:
    if count is None:
        return ""
    return f"{count.successes} of {count.trials} ({count.low:.0%} to {count.high:.0%})"


def spread(step: Step) -> tuple[float, float] | None:
    rates = [count.rate for count in step.retrained]
    return (min(rates), max(rates)) if rates else None


def spread_words(step: Step) -> str:
    found = spread(step)
    if found is None:
        return SEALED
    several = f"{found[0]:.0%} to {found[1]:.0%}" if found[0] < found[1] else f"{found[0]:.0%}"
    return f"{several} ({len(step.retrained)} models)"


def is_compared(battery: Battery) -> bool:
    return any(step.candidate is not None for step in battery.steps)


def chart(battery: Battery) -> RateChart | None:
    """Only where the candidate's own success may be seen at several strengths: a table says all of a single one."""
    steps, strength = battery.steps, strength_of(battery.name)
    if len(steps) < 2 or not is_compared(battery):
        return None
    return rate_chart(
        [strength.value(step.budget) for step in steps],
        [
            Series("Candidate", "candidate", "circle", [point(step.candidate) for step in steps]),
            Series("Candidate, on never-seen rows", "never", "square", [point(step.never_seen) for step in steps]),
            Series("Model before the deletion", "original", "diamond", [point(step.original) for step in steps]),
        ],
        band=[spread(step) for step in steps],
        band_words="Retrained without the rows, lowest to highest",
        across=strength.across,
    )


def point(count: Count | None) -> Point | None:
    return (count.rate, count.low, count.high) if count is not None and count.trials else None
