"""From the lines of measurements.json to the arms a verdict is made of."""

from collections.abc import Sequence
from typing import Any

from governance.verification.verdict import Rung, Utility

Line = dict[str, Any]
PLANTED = "canary."
UNINFORMATIVE = ".uninformative"


def batteries_of(lines: Sequence[Line], *, canaries: bool) -> dict[str, list[Rung]]:
    """By battery one Rung per budget, of everything tried on people, or on canaries; empty when nothing was tried.

    A battery is what shares a name: `uma.l2.label_only`, `relearning.records`, `membership.loss.near`. Lines without
    a budget are values and curves for people to read; no verdict is made of them.
    """
    tried: dict[str, list[Line]] = {}
    for line in lines:
        name = line["name"].removeprefix(PLANTED)
        if line["budget"] is not None and (name != line["name"]) == canaries:
            tried.setdefault(name, []).append(line)
    return {name: [rung_at(here, budget) for budget in budgets_of(here)] for name, here in sorted(tried.items())}


def silent_of(lines: Sequence[Line], *, canaries: bool) -> dict[str, list[float]]:
    """By battery the budgets at which it says nothing: such lines are called <name>.<budget>.uninformative.

    Whether they are informative is decided where they are measured, by the original and by never-seen rows.
    """
    found: dict[str, set[float]] = {}
    for line in lines:
        name = line["name"].removeprefix(PLANTED)
        if name.endswith(UNINFORMATIVE) and (name != line["name"]) == canaries:
            battery, _, budget = name.removesuffix(UNINFORMATIVE).rpartition(".")
            found.setdefault(battery, set()).add(float(budget))
    return {battery: sorted(budgets) for battery, budgets in sorted(found.items())}


def budgets_of(lines: Sequence[Line]) -> list[float]:
    return sorted({line["budget"] for line in lines})


def rung_at(lines: Sequence[Line], budget: float) -> Rung:
    here = {line["arm"]: line["per_record"] or [] for line in lines if line["budget"] == budget}
    return Rung(
        budget=budget,
        a=here.get("A", []),
        b=seeds(here, "B:"),
        c=here.get("C", []),
        d=seeds(here, "D:"),
        e=here.get("E", []),
        p=here.get("P", []),
        c_is_open=all(
            line.get("tier") != "sealed" for line in lines if line["budget"] == budget and line["arm"] == "C"
        ),
    )


def seeds(arms: dict[str, list[int]], prefix: str) -> list[list[int]]:
    names = sorted((name for name in arms if name.startswith(prefix)), key=lambda name: int(name[len(prefix) :]))
    return [arms[name] for name in names]


def utility_of(lines: Sequence[Line], *, arm: str = "A") -> Utility:
    for line in lines:
        if line["name"] == "utility.accuracy" and line["arm"] == arm:
            return Utility(successes=line["successes"], trials=line["trials"])
    return Utility(successes=0, trials=0)
