"""A small chart of rates from 0 to 100 %, with whiskers for exact intervals and a band for a spread; drawn here.

Places along the bottom stand evenly, whatever they are (budgets, releases): the words below them say which.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.console.pages.chart_frame import RIGHT, WIDTH, Frame, down

LEFT, INSET, APART, MOST_LABELS = 44, 22, 7.0, 6
Point = tuple[float, float, float]  # rate, low, high


@dataclass(frozen=True)
class Series:
    """One line. `tone` gives its colour and `shape` its mark: colour is never the only signal."""

    words: str
    tone: str
    shape: str
    points: Sequence[Point | None]


@dataclass(frozen=True)
class Spot:
    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    words: str
    tone: str
    shape: str
    path: str
    spots: list[Spot]


@dataclass(frozen=True, kw_only=True)
class RateChart(Frame):
    lines: list[Line]
    band: str
    band_words: str
    across: str
    left: int = LEFT


def rate_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    band: Sequence[tuple[float, float] | None] = (),
    band_words: str = "",
    across: str = "",
) -> RateChart | None:
    """None where no series has a point. `across` says what stands along the bottom."""
    drawn = [each for each in series if any(point is not None for point in each.points)]
    if not labels or not drawn:
        return None
    xs = places(len(labels))
    return RateChart(
        lines=[line_of(each, xs, offset(number, len(drawn))) for number, each in enumerate(drawn)],
        band=band_path(xs, band),
        band_words=band_words if any(band) else "",
        ticks=[(down(share), f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)],
        labels=[(xs[place], labels[place]) for place in shown(len(labels))],
        spoken=" ".join(spoken(each, labels) for each in drawn),
        across=across,
    )


def places(count: int) -> list[float]:
    room = WIDTH - LEFT - RIGHT - 2 * INSET
    return [LEFT + INSET + (room * place / (count - 1) if count > 1 else room / 2) for place in range(count)]


def offset(number: int, count: int) -> float:
    """Lines stand a little beside each other, so that no whisker hides another."""
    return APART * (number - (count - 1) / 2)


def shown(count: int) -> list[int]:
    if count <= MOST_LABELS:
        return list(range(count))
    return sorted({round(place * (count - 1) / (MOST_LABELS - 1)) for place in range(MOST_LABELS)})


def line_of(series: Series, xs: Sequence[float], shift: float) -> Line:
    spots = [
        Spot(x + shift, down(point[0]), down(point[1]), down(point[2]))
        for x, point in zip(xs, series.points, strict=True)
        if point is not None
    ]
    path = " ".join(f"{'M' if not place else 'L'}{spot.x:.1f} {spot.y:.1f}" for place, spot in enumerate(spots))
    return Line(series.words, series.tone, series.shape, path, spots)


def band_path(xs: Sequence[float], band: Sequence[tuple[float, float] | None]) -> str:
    """Around the lowest and the highest at each place; a single place gets a bar."""
    there = [(x, *pair) for x, pair in zip(xs, band, strict=False) if pair is not None]
    if not there:
        return ""
    if len(there) == 1:
        x, low, high = there[0]
        there = [(x - 18, low, high), (x + 18, low, high)]
    above = [f"{x:.1f} {down(high) - 1:.1f}" for x, _, high in there]
    below = [f"{x:.1f} {down(low) + 1:.1f}" for x, low, _ in reversed(there)]
    return f"M{' L'.join([*above, *below])} Z"


def spoken(series: Series, labels: Sequence[str]) -> str:
    told = [
        f"{point[0]:.0%} at {label}" for label, point in zip(labels, series.points, strict=True) if point is not None
    ]
    return f"{series.words}: {', '.join(told)}."
