"""Measurements laid out for a reader: batteries with counts and exact intervals, curves. Pure functions.

The same for everybody; only which lines come in differs (the open tier, or all of them in the reading room).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from evidence.unproved_families import LANGUAGE
from governance.verification.measurement_words import PLANTED, measurement_words
from governance.verification.statistics import clopper_pearson

Line = dict[str, Any]
LEVEL = 0.05  # of the intervals that are shown; a verdict's own are those of its policy and attempt
ROC = ".roc"
ATTACK = "uma."


@dataclass(frozen=True)
class Count:
    """Successes of one arm at one budget, with the exact interval of the rate (Clopper and Pearson 1934)."""

    successes: int
    trials: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        return self.successes / self.trials if self.trials else 0.0


@dataclass(frozen=True)
class Step:
    """One budget. `retrained` holds one count for each reference."""

    budget: float
    candidate: Count | None = None
    never_seen: Count | None = None
    unrelated: Count | None = None
    original: Count | None = None
    retrained: list[Count] = field(default_factory=list)


@dataclass(frozen=True)
class Battery:
    name: str
    words: str
    planted: bool
    steps: list[Step]

    @property
    def has_sealed(self) -> bool:
        """Whether anything here came from erased people, references or the old model."""
        return any(step.original or step.retrained or (step.candidate and not self.planted) for step in self.steps)


@dataclass(frozen=True)
class Curve:
    """A whole ROC: how often members are flagged when so many strangers are."""

    name: str
    words: str
    planted: bool
    arm: str
    points: list[tuple[float, float]]
    area: float | None


ARMS = {"A": "candidate", "C": "never_seen", "E": "unrelated", "P": "original"}


def count_of(line: Line) -> Count:
    interval = clopper_pearson(line["successes"], line["trials"], level=LEVEL)
    return Count(line["successes"], line["trials"], interval.low, interval.high)


def batteries(lines: Sequence[Line]) -> list[Battery]:
    """The attack first, then probes and tests by name, planted records after people's; no utility and no curves."""
    tried: dict[str, list[Line]] = {}
    for line in lines:
        if line["budget"] is not None and line["successes"] is not None:
            tried.setdefault(line["name"], []).append(line)
    order = sorted(tried, key=lambda name: (name.startswith(PLANTED), ATTACK not in name, name))
    return [battery(name, tried[name]) for name in order]


def battery(name: str, lines: Sequence[Line]) -> Battery:
    budgets = sorted({float(line["budget"]) for line in lines})
    steps = [step(budget, [line for line in lines if line["budget"] == budget]) for budget in budgets]
    return Battery(name, measurement_words(name), name.startswith(PLANTED), steps)


def step(budget: float, lines: Sequence[Line]) -> Step:
    found: dict[str, Any] = {"budget": budget, "retrained": []}
    for line in lines:
        if line["arm"].startswith("B:"):
            found["retrained"].append(count_of(line))
        elif line["arm"] in ARMS:
            found[ARMS[line["arm"]]] = count_of(line)
    return Step(**found)


def curves(lines: Sequence[Line]) -> list[Curve]:
    areas = {(line["name"], line["arm"]): line["value"] for line in lines if line["budget"] is None}
    found = []
    for line in lines:
        if line["name"].endswith(ROC) and line["per_record"]:
            name = line["name"].removesuffix(ROC)
            flat = [float(value) for value in line["per_record"]]
            points = list(zip(flat[::2], flat[1::2], strict=True))
            area = areas.get((name, line["arm"]))
            words = measurement_words(name)
            found.append(Curve(name, words, name.startswith(PLANTED), line["arm"], points, area))
    return found


def utility(lines: Sequence[Line]) -> Count | None:
    """Right answers of the candidate on people in no model; of a language model, on people who stay."""
    found = [line for line in lines if line["name"] == "utility.accuracy" and line["arm"] == "A"]
    return count_of(found[0]) if found else None


def useful_to(engine: str) -> str:
    """Whose right answers say that a model of this engine is still useful: strangers can judge no language model."""
    return "people who stay" if engine == LANGUAGE.trains else "people in no model"
