"""A and B over a model's certificates, as a small drawing made here: two lines, two shapes, one table."""

from dataclasses import dataclass
from datetime import datetime

from governance.console.wording import RUNGS, plain_number
from governance.jobs.models import Certificate

NOTHING = ("no bound", "0.00")
MOST_LABELS = 8  # more would run into each other; the table has every number
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 220, 48, 20, 18, 34


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Row:
    at: datetime
    a: str
    b: str
    rung: str
    effective: str


@dataclass(frozen=True)
class Chart:
    a: list[Point]
    b: list[Point]
    ticks: list[tuple[float, str]]
    days: list[tuple[float, str]]
    rows: list[Row]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT

    @property
    def has_points(self) -> bool:
        """Whether there is a line to look at: that the records were never held (0) the table says as well."""
        return any(row.a not in NOTHING or row.b not in NOTHING for row in self.rows)

    @property
    def a_line(self) -> str:
        return line(self.a)

    @property
    def b_line(self) -> str:
        return line(self.b)


def line(points: list[Point]) -> str:
    return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in points)


def chart_of(certificates: list[Certificate]) -> Chart | None:
    """None without certificates. An infinite number has no point; the table says so, alone where there is no other."""
    if not certificates:
        return None
    numbers = [(epsilon(row, "a"), epsilon(row, "b")) for row in certificates]
    top = nice(max((value for pair in numbers for value in pair if value is not None), default=0.0) or 1.0)
    xs, every = across(len(certificates)), -(-len(certificates) // MOST_LABELS)
    return Chart(
        a=points(xs, [a for a, _ in numbers], top, every),
        b=points(xs, [b for _, b in numbers], top, every),
        ticks=[(down(top * part, top), plain_number(top * part)) for part in (0, 0.5, 1)],
        days=[(x, f"{row.unlearned_at:%-d %b}") for x, row in zip(xs, certificates, strict=True)][::every],
        rows=[
            Row(row.unlearned_at, words(a), words(b), RUNGS.get(row.rung, row.rung), in_effect(row))
            for row, (a, b) in zip(certificates, numbers, strict=True)
        ],
    )


def in_effect(row: Certificate) -> str:
    if row.voided_at is not None:
        return "voided"
    return "yes" if row.effective_at is not None else "not yet"


def points(xs: list[float], values: list[float | None], top: float, every: int) -> list[Point]:
    """Each finite number has its point, and every so-manyth its words."""
    return [
        Point(x, down(value, top), "" if place % every else plain_number(value))
        for place, (x, value) in enumerate(zip(xs, values, strict=True))
        if value is not None
    ]


def epsilon(row: Certificate, which: str) -> float | None:
    value = (row.body.get(which) or {}).get("epsilon")
    return float(value) if value is not None else None


def words(value: float | None) -> str:
    return plain_number(value) if value is not None else "no bound"


def nice(value: float) -> float:
    """The next of 1, 2, 5, 10, ... at or above a value."""
    step = 0.001
    while True:
        for factor in (1, 2, 5):
            if value <= factor * step:
                return factor * step
        step *= 10


def across(count: int) -> list[float]:
    room = WIDTH - LEFT - RIGHT
    return [LEFT + room * (place + 0.5) / count for place in range(count)]


def down(value: float, top: float) -> float:
    room = HEIGHT - TOP - BOTTOM
    return TOP + room * (1 - value / top)
