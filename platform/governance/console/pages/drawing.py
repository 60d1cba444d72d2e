"""A small step chart drawn here: levels that hold until the next moment, marks, and a cap as a line across.

Narrow on purpose: the same drawing is read on a desk and on a phone, and is never scaled below what eyes can read.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from governance.console.wording import plain_number

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 400, 230, 44, 16, 26, 30
MOST_LABELS = 5
FAR = 6  # a cap this many times above everything would press the rest flat
ROOM_FOR_A_DAY = 52


@dataclass(frozen=True)
class Series:
    """One number over the moments; None where there is nothing to draw."""

    values: Sequence[float | None]


@dataclass(frozen=True)
class Mark:
    x: float
    y: float
    words: str  # empty: no room for its number, the table has it
    x_words: float
    y_words: float
    anchor: str


@dataclass(frozen=True)
class Drawing:
    b_path: str
    a_path: str
    b: list[Mark]
    a: list[Mark]
    ticks: list[tuple[float, str]]
    days: list[tuple[float, str, str]]
    cap: float | None
    cap_above: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP


def drawing_of(
    days: Sequence[str], *, b: Sequence[float | None], a: Sequence[float | None], cap: float | None
) -> Drawing | None:
    """None where there is no finite number to draw. A cap far above everything is named, not drawn."""
    finite = [value for value in (*b, *a) if value is not None]
    if not finite:
        return None
    highest = max(*finite, 0.0)
    near = cap is not None and cap <= FAR * highest
    top = 1.12 * max(highest, cap if cap is not None and near else 0.0) or 1.0
    xs = across(len(days))
    shown = labelled(len(days))
    return Drawing(
        b_path=steps(xs, [down(v, top) if v is not None else None for v in b]),
        a_path=steps(xs, [down(v, top) if v is not None else None for v in a]),
        b=marks(xs, b, top, shown, above=True),
        a=marks(xs, a, top, shown, above=False),
        ticks=[(down(value, top), plain_number(value)) for value in round_values(top)],
        days=day_labels(xs, days, shown),
        cap=down(cap, top) if cap is not None and near else None,
        cap_above=cap is not None and not near,
    )


def across(count: int) -> list[float]:
    room = WIDTH - LEFT - RIGHT - 24
    return [LEFT + 12 + (room * place / (count - 1) if count > 1 else room / 2) for place in range(count)]


def down(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def labelled(count: int) -> list[int]:
    """A few places from the first to the last: on a narrow chart more would run into each other."""
    if count <= MOST_LABELS:
        return list(range(count))
    return sorted({round(place * (count - 1) / (MOST_LABELS - 1)) for place in range(MOST_LABELS)})


def day_labels(xs: list[float], days: Sequence[str], shown: list[int]) -> list[tuple[float, str, str]]:
    """From the last to the first: a day that is there already, or has no room beside its neighbour, is left out."""
    found: list[tuple[float, str, str]] = []
    for place in reversed(shown):
        crowded = found and (days[place] == found[-1][1] or found[-1][0] - xs[place] < ROOM_FOR_A_DAY)
        if not crowded:
            found.append((xs[place], days[place], anchor(place, len(days))))
    return found[::-1]


def anchor(place: int, count: int) -> str:
    if count == 1:
        return "middle"
    return "start" if place == 0 else "end" if place == count - 1 else "middle"


def marks(xs: list[float], values: Sequence[float | None], top: float, shown: list[int], *, above: bool) -> list[Mark]:
    """Numbers stand above their marks; those of the lower line beside them, out of the way of the upper one's."""
    found = []
    for place, (x, value) in enumerate(zip(xs, values, strict=True)):
        if value is not None:
            y, last = down(value, top), place == len(xs) - 1 and place > 0
            words = plain_number(value) if place in shown else ""
            beside = (x - 8, y + 4, "end") if last else (x + 8, y + 4, "start")
            found.append(Mark(x, y, words, *((x, y - 9, "middle") if above else beside)))
    return found


def steps(xs: list[float], ys: list[float | None]) -> str:
    """A path that stays level until the next moment; it breaks where there is no number."""
    path, last = [], None
    for x, y in zip(xs, ys, strict=True):
        if y is not None:
            path.append(f"M{x:.1f} {y:.1f}" if last is None else f"H{x:.1f} V{y:.1f}")
        last = y
    return " ".join(path)


def round_values(top: float) -> list[float]:
    """0 and two or three round numbers below the top."""
    raw = top / 3
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw)
    return [step * place for place in range(int(top / step) + 1)]
