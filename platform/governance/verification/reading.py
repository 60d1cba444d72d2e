"""From the lines of measurements.json to the arms a verdict is made of."""

from collections.abc import Sequence
from typing import Any

from governance.verification.verdict import Rung, Utility

Line = dict[str, Any]


def rungs_of(lines: Sequence[Line], *, canaries: bool = False) -> list[Rung]:
    """One Rung per budget of the attack on people, or on canaries; empty when there was no such attack."""
    attack = [line for line in lines if line["budget"] is not None and is_attack(line["name"], canaries)]
    return [rung_at(attack, budget) for budget in sorted({line["budget"] for line in attack})]


def is_attack(name: str, canaries: bool) -> bool:
    return name.startswith("canary.uma.") if canaries else name.startswith("uma.")


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
    )


def seeds(arms: dict[str, list[int]], prefix: str) -> list[list[int]]:
    names = sorted((name for name in arms if name.startswith(prefix)), key=lambda name: int(name[len(prefix) :]))
    return [arms[name] for name in names]


def utility_of(lines: Sequence[Line], *, arm: str = "A") -> Utility:
    for line in lines:
        if line["name"] == "utility.accuracy" and line["arm"] == arm:
            return Utility(successes=line["successes"], trials=line["trials"])
    return Utility(successes=0, trials=0)
