"""Why a verification that found nothing has not shown that nothing is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.verification import few_rows
from governance.verification.facets import required
from governance.verification.measurement_words import measurement_words
from governance.verification.power import Design, can_pass, people_needed, power_words
from governance.verification.reasons import Reason
from governance.verification.rungs import Judged, family_of, seen_batteries
from governance.verification.scope_doubts import of_few, of_limits
from governance.verification.statistics import clopper_pearson


@dataclass(frozen=True, kw_only=True)
class Utility:
    """Right answers on people in no model; of texts, on people who stay, since nobody answers for a stranger."""

    successes: int
    trials: int


def useful_on(policy: Mapping[str, Any]) -> str:
    """Whose questions the utility was counted on, in words; the attack's family says it where it is another's."""
    words: str = policy.get("useful_on", "people in no model")
    return words


@dataclass(frozen=True, kw_only=True)
class Qualified:
    """What the qualification of this recipe came to, and its digest; it stands in for references of one's own."""

    outcome: str
    digest: str


# Batteries that were tried and can say nothing, with the budgets at which they were.
Silent = Mapping[str, Sequence[float]]


def why_not_passed(
    judged: Sequence[Judged],
    utility: Utility,
    policy: Mapping[str, Any],
    design: Design,
    silent: Silent,
    *,
    near: Sequence[Reason] = (),
) -> list[Reason]:
    """near: what one battery alone would have failed."""
    seen = seen_batteries(judged, level=design.level)
    found = [
        *of_utility(judged, utility, policy, design),
        *of_references(judged),
        *of_what_was_asked(judged, policy, silent),
        *of_controls(judged, policy, seen, silent),
        *of_intervals([item for item in judged if item.battery in seen or item.is_attack]),
        *of_strange_excess([item for item in judged if item.battery not in seen]),
        *of_limits(judged, policy, level=design.level),
        *few_rows.of_required(judged, policy, level=design.level),
        *near,
    ]
    # Said whatever the doubt is, so that it tells nothing of what was measured.
    too_few = bool(judged) and not can_pass(design)
    few = [*([Reason(power_words(design), open=True)] if too_few else []), *of_few(judged, policy, design)]
    return [*few, *found] if found else []


def of_utility(judged: Sequence[Judged], utility: Utility, policy: Mapping[str, Any], design: Design) -> list[Reason]:
    found = [] if judged else [Reason("Nothing was tried on an erased record.", open=True)]
    floor = policy["utility_floor"]
    if clopper_pearson(utility.successes, utility.trials, level=design.level).low < floor:
        rate = utility.successes / utility.trials if utility.trials else 0.0
        needed = people_needed(rate, floor, level=design.level)
        more = f" About {needed} of them would be enough at this rate." if needed else ""
        words = f"Too few {useful_on(policy)} were asked to be sure that the model is still useful.{more}"
        found.append(Reason(words, open=True))
    return found


def of_references(judged: Sequence[Judged]) -> list[Reason]:
    return [Reason(item.missing, open=True) for item in judged if item.missing]


def of_what_was_asked(judged: Sequence[Judged], policy: Mapping[str, Any], silent: Silent) -> list[Reason]:
    """What the policy fixed beforehand and no line answers: left out, it would count as having found nothing.

    An attack that was informative at one budget has been asked. One that was so at none was tried, and shows nothing.
    """
    if not judged:
        return []
    words = "The policy asks for {}, and it was not measured."
    return [
        Reason(silent_words(name, silent[name]) if name in silent else words.format(name), open=True)
        for name in [*batteries_left_out(judged, policy), *rungs_left_out(judged, policy)]
    ]


def silent_words(name: str, budgets: Sequence[float]) -> str:
    """Why an attack that was made says nothing; which of the two reasons it was is a trace of the old model."""
    strengths = ", ".join(f"{budget:g}" for budget in sorted(budgets))
    return (
        f"{measurement_words(name)}: the policy asks for it, and at no strength that was tried ({strengths}) does it "
        "tell a memory from none. It gave back texts that nobody learned, or not even those that the model before the "
        "deletion holds."
    )


def batteries_left_out(judged: Sequence[Judged], policy: Mapping[str, Any]) -> list[str]:
    """The attack as the policy fixes it, each probe, and both tails of each membership test."""
    own = f"uma.{policy.get('norm')}.{policy.get('target')}"
    attack = [own] if "norm" in policy and "uma" in required(policy) else []
    attack += [f"{own}.transfer"] if policy.get("transfer", "none") != "none" else []
    tails = [f"membership.{kind}.{tail}" for kind in policy.get("membership", ()) for tail in ("near", "far")]
    there = {item.battery for item in judged}
    return [name for name in (*attack, *policy.get("probes", ()), *tails) if name not in there]


def rungs_left_out(judged: Sequence[Judged], policy: Mapping[str, Any]) -> list[str]:
    """Budgets of the attack that are not there, and references fewer than were asked for."""
    found = []
    for name in sorted({item.battery for item in judged if item.is_attack}):
        tried = {item.rung.budget for item in judged if item.battery == name}
        found += [f"budget {budget:g} of {name}" for budget in policy.get("budgets", ()) if budget not in tried]
    fewest = min(
        (len(item.rung.b) for item in judged if item.rung.b and not name_is_transfer(item.battery)), default=None
    )
    wanted = policy.get("references", 0)
    return [*found, *([f"{wanted} references where {fewest} are"] if fewest is not None and fewest < wanted else [])]


def name_is_transfer(battery: str) -> bool:
    """Queries crafted on a reference are not carried to that reference: one fewer is left to compare with."""
    return battery.endswith(".transfer")


UNSEEN = "the original shows no excess either, or the control yields as often: it could not have seen a memory."
UNKNOWN_BEFORE = "the original knows hardly any itself: it could not have seen a loss."


def of_controls(judged: Sequence[Judged], policy: Mapping[str, Any], seen: set[str], silent: Silent) -> list[Reason]:
    """Required batteries must have shown that they can see; any other that could not is named, and says nothing."""
    found = []
    names = sorted({item.battery for item in judged})
    for family in required(policy):
        members = [name for name in names if family_of(name, family)]
        if not members and not any(family_of(name, family) for name in silent):
            found.append(Reason(f"The policy asks for {family}, and nothing of it was measured.", open=True))
        elif members and not seen.intersection(members):
            kept = all(item.is_kept for item in judged if item.battery in members)
            found.append(Reason(f"Of {family}, {UNKNOWN_BEFORE if kept else UNSEEN}"))
    return found


def of_strange_excess(judged: Sequence[Judged]) -> list[Reason]:
    """More than retraining leaves where the original shows nothing: no memory of ours explains it, so nobody passes."""
    words = "By {} the candidate stands out although the original does not: that battery measured something else."
    told = [item for item in judged if item.informative and item.tells_memory]
    strange = {item.battery for item in told if item.x.interval.low > item.margin}
    return [Reason(words.format(name)) for name in sorted(strange)]


def of_intervals(told: Sequence[Judged]) -> list[Reason]:
    """Outside the margin on either side; of rows that stay, more than retraining leaves is no fault."""
    outside = [
        item
        for item in told
        if item.informative
        and (item.x.interval.low < -item.margin or (item.x.interval.high > item.margin and not item.is_kept))
    ]
    return [
        Reason(
            f"At budget {item.rung.budget:g} of {item.battery} the interval of the excess "
            f"({item.x.interval.low:+.0%} to {item.x.interval.high:+.0%}) reaches beyond the margin of "
            f"{item.margin:.0%}."
        )
        for item in outside
    ]
