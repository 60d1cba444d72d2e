"""Drawing nobody: rows whose label only memory can give, made from public constants and a secret seed alone. Pure.

No person's value goes in: not a real row with another label, not a mean of real rows. What makes such a row useful is
that its label is a coin's, so a model that never held it is right as often as for twins that were never planted.
Letters: N sentinels, R rows of each, F features.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from governance.errors import Invalid

Floats = npt.NDArray[np.float64]
# Random records lie this many scales from the centre in every feature: the planted rows of the demonstration do too.
REACH = 3.0
# Nobody ordinary is further out than this many scales in a feature.
ORDINARY = 2.5
# Labels and constants stay far below what a double holds exactly, and what a row of them may come to.
MOST = 2.0**50
# How far the rows of one synthetic person lie apart, in scales.
SAME_PERSON = 0.3


@dataclass(frozen=True)
class Constants:
    """Public: one centre and one scale for each feature, and the labels there are."""

    centres: tuple[float, ...]
    scales: tuple[float, ...]
    classes: tuple[int, ...]

    @classmethod
    def from_problem(cls, problem: dict[str, Any], *, width: int) -> "Constants":
        """Out of a model's problem, or given by hand in the same words.

        Raises:
            Invalid: bad_constants.
        """
        try:
            classes = tuple(whole(label) for label in problem["classes"])
            # A network's problem may leave these out, or give one number for all features: its engine's own defaults.
            centres, scales = spread(problem.get("centres", 0.0), width), spread(problem.get("scales", 1.0), width)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise refusal("classes, centres and scales are needed, as a model's problem gives them") from error
        if len(centres) != width or len(scales) != width:
            raise refusal(f"the dataset has {width} features, the constants have {len(centres)} and {len(scales)}")
        if len(set(classes)) < 2 or not all(0 < scale < MOST for scale in scales):
            raise refusal("two labels at least and scales above 0 are needed")
        if not all(abs(value) < MOST for value in (*centres, *classes)):
            raise refusal(f"finite centres and labels within {MOST:g} are needed")
        return cls(centres, scales, classes)

    def as_json(self) -> dict[str, Any]:
        return {"centres": list(self.centres), "scales": list(self.scales), "classes": list(self.classes)}


def refusal(why: str) -> Invalid:
    return Invalid(f"No sentinel can be drawn: {why}.", code="bad_constants", remedy="Give the public constants.")


def whole(label: object) -> int:
    if isinstance(label, bool) or not isinstance(label, int):
        raise ValueError("a label is a whole number")
    return label


def spread(value: float | Sequence[float], width: int) -> tuple[float, ...]:
    """One number for every feature, or one for all of them."""
    given = (float(value),) if isinstance(value, int | float) else tuple(float(each) for each in value)
    return given * width if len(given) == 1 else given


def drawn(
    kind: str, constants: Constants, *, count: int, rows_each: int, draw: np.random.Generator
) -> tuple[Floats, list[int]]:
    """Features of shape (N, R, F) and one tossed label for each of the N."""
    labels = [int(label) for label in draw.choice(np.array(constants.classes, dtype=np.int64), size=count)]
    centres, scales = np.array(constants.centres), np.array(constants.scales)
    units = directions(kind, count, rows_each, len(scales), draw)
    features: Floats = centres + scales * units
    return features, labels


def directions(kind: str, count: int, rows_each: int, width: int, draw: np.random.Generator) -> Floats:
    """In scales from the centre."""
    if kind == "random":
        return REACH * draw.choice([-1.0, 1.0], size=(count, rows_each, width))
    where = np.clip(draw.normal(size=(count, 1, width)), -ORDINARY, ORDINARY)
    apart = SAME_PERSON * draw.normal(size=(count, rows_each, width)) if rows_each > 1 else 0.0
    units: Floats = where + apart
    return units
