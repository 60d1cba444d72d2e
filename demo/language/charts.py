"""A chart as numbers: series over steps, a scale, and where its ticks stand. Drawn elsewhere. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
LEAST = 1e-5  # what a logarithmic axis ends at: below it nothing differs from nothing


@dataclass(frozen=True)
class Series:
    """One line. Its tone gives it a colour and its mark a shape: colour is never the only signal."""

    words: str
    tone: str
    mark: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Level:
    """A value that holds all along, drawn as a broken line across."""

    words: str
    value: float


@dataclass(frozen=True)
class Divide:
    """A place along the bottom after which something else goes on, drawn as a line upright."""

    words: str
    place: float


@dataclass(frozen=True)
class Chart:
    """`logarithmic`: the upright axis counts powers of ten, from LEAST to 1; else it goes from 0 to 1."""

    title: str
    across: str
    up: str
    series: Sequence[Series]
    levels: Sequence[Level] = ()
    divide: Divide | None = None
    logarithmic: bool = False
    note: str = ""


def share_up(chart: Chart, value: float) -> float:
    """How far up the chart a value stands, from 0 to 1; what lies outside is held at the edge."""
    if not chart.logarithmic:
        return min(1.0, max(0.0, value))
    decades = -math.log10(LEAST)
    return min(1.0, max(0.0, 1.0 + math.log10(max(value, LEAST)) / decades))


def extent(chart: Chart) -> tuple[float, float]:
    """The first and the last place along the bottom; a single place gets room on both sides."""
    places = [x for series in chart.series for x, _ in series.points] or [0.0]
    low, high = min(places), max(places)
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def share_across(chart: Chart, place: float) -> float:
    low, high = extent(chart)
    return (place - low) / (high - low)


def ticks_up(chart: Chart) -> list[tuple[float, str]]:
    """(share, words) of the upright axis."""
    if chart.logarithmic:
        powers = range(0, round(math.log10(LEAST)) - 1, -1)
        return [(share_up(chart, 10.0**power), "1" if power == 0 else f"1e{power}") for power in powers]
    return [(share, f"{share:g}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]


def ticks_across(chart: Chart, *, most: int = 6) -> list[tuple[float, str]]:
    """(share, words) along the bottom: whole numbers, few enough to be read."""
    low, high = extent(chart)
    step = round_step((high - low) / most)
    first = math.ceil(low / step) * step
    count = int((high - first) / step + 1e-9) + 1
    return [(share_across(chart, first + step * place), f"{first + step * place:g}") for place in range(count)]


def round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is no smaller."""
    power = 10.0 ** math.floor(math.log10(max(least, 1.0)))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least)
