"""Why a verification that found nothing has not shown that nothing is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.verification.power import Design, can_pass, people_needed, power_words
from governance.verification.rungs import Judged, family_of, seen_batteries
from governance.verification.statistics import clopper_pearson


@dataclass(frozen=True, kw_only=True)
class Utility:
    """Right answers on people who are in no model."""

    successes: int
    trials: int


@dataclass(frozen=True, kw_only=True)
class Qualified:
    """What the qualification of this recipe came to, and its digest; it stands in for references of one's own."""

    outcome: str
    digest: str


@dataclass(frozen=True)
class Reason:
    """Why. `open` ones follow from counts and from people in no model; the others look at deleted rows: sealed."""

    text: str
    open: bool = False


def why_not_passed(
    judged: Sequence[Judged], utility: Utility, policy: Mapping[str, Any], design: Design
) -> list[Reason]:
    seen = seen_batteries(judged, level=design.level)
    found = [
        *of_utility(judged, utility, policy, design),
        *of_references(judged),
        *of_controls(judged, policy, seen),
        *of_intervals([item for item in judged if item.battery in seen or item.is_attack], policy["margin"]),
    ]
    # Said whatever the doubt is, so that it tells nothing of what was measured.
    too_few = bool(found) and bool(judged) and not can_pass(design)
    return [*([Reason(power_words(design), open=True)] if too_few else []), *found]


def of_utility(judged: Sequence[Judged], utility: Utility, policy: Mapping[str, Any], design: Design) -> list[Reason]:
    found = [] if judged else [Reason("Nothing was tried on an erased record.", open=True)]
    floor = policy["utility_floor"]
    if clopper_pearson(utility.successes, utility.trials, level=design.level).low < floor:
        rate = utility.successes / utility.trials if utility.trials else 0.0
        needed = people_needed(rate, floor, level=design.level)
        more = f" About {needed} of them would be enough at this rate." if needed else ""
        words = f"Too few people in no model to be sure that the model is still useful.{more}"
        found.append(Reason(words, open=True))
    return found


def of_references(judged: Sequence[Judged]) -> list[Reason]:
    return [Reason(item.missing, open=True) for item in judged if item.missing]


def of_controls(judged: Sequence[Judged], policy: Mapping[str, Any], seen: set[str]) -> list[Reason]:
    """Required batteries must have shown that they can see; any other that could not is named, and says nothing."""
    found = []
    names = sorted({item.battery for item in judged})
    for family in policy.get("required", ["uma"]):
        members = [name for name in names if family_of(name, family)]
        if not members:
            found.append(Reason(f"The policy asks for {family}, and nothing of it was measured.", open=True))
        elif not seen.intersection(members):
            words = (
                "the original shows no excess either, or the control yields as often: it could not have seen a memory."
            )
            found.append(Reason(f"Of {family}, {words}"))
    return found


def of_intervals(told: Sequence[Judged], margin: float) -> list[Reason]:
    outside = [
        item for item in told if item.informative and (item.x.interval.high > margin or item.x.interval.low < -margin)
    ]
    return [
        Reason(
            f"At budget {item.rung.budget:g} of {item.battery} the interval of the excess "
            f"({item.x.interval.low:+.0%} to {item.x.interval.high:+.0%}) reaches beyond the margin of {margin:.0%}."
        )
        for item in outside
    ]
