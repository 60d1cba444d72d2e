"""From measurements to a verdict: a pure function under a policy fixed beforehand (reference: sfd_uma.md 2.5).

Raw success proves nothing: a retrained model, which never saw the records, often yields their labels too.
What counts is the excess over retrained references, and what an attack of this size could have seen at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from governance.verification.doubts import Qualified, Silent, Utility, useful_on, why_not_passed
from governance.verification.excess import Excess
from governance.verification.few_rows import named
from governance.verification.power import Design, detectable
from governance.verification.reasons import Reason
from governance.verification.rungs import Judged, Rung, above_every_seed, design_of, judge_rung, seen_batteries
from governance.verification.statistics import clopper_pearson, holm

__all__ = ["Finding", "Judged", "Outcome", "Qualified", "Reason", "Rung", "Utility", "judge"]
Outcome = Literal["passed", "failed_residual", "failed_over_forgotten", "inconclusive"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`design` and `detectable` follow from counts and never-seen people; `judged` and `uninformative` are sealed."""

    outcome: Outcome
    reasons: list[Reason]
    detectable: float
    judged: list[Judged]
    design: Design
    # Batteries that could not have seen a memory: they neither pass nor fail anything.
    uninformative: list[str]


def judge(
    batteries: Mapping[str, Sequence[Rung]],
    utility: Utility,
    policy: Mapping[str, Any],
    *,
    attempt: int = 1,
    qualification: Qualified | None = None,
    silent: Silent | None = None,
) -> Finding:
    """The verdict of attempt number `attempt`, which is judged at level / 2^attempt so that trying again buys nothing.

    `batteries`: by name, as reading.batteries_of groups the lines. `policy` is the section "verification" of
    obelus/policy/1. `qualification`: of the recipe, where the policy takes its references from there. Three questions
    (more than retraining leaves, less, useful still) are asked at half the level each, corrected after Holm over all
    budgets of all batteries. `silent`: batteries that were tried and are informative at none of these budgets, or not
    at all of them (reading.silent_of).
    """
    design = design_of(batteries, policy, level=policy["level"] / 2**attempt, silent=silent or {})
    judged = [judge_rung(name, rung, policy, level=design.level) for name, rungs in batteries.items() for rung in rungs]
    outcome, reasons = decided(judged, utility, policy, design, silent or {})
    if policy.get("references_by") == "qualification" and not all(item.rung.b for item in judged):
        outcome, reasons = under_qualification(
            outcome, reasons, qualification, useless=useless(utility, policy, design)
        )
    seen = seen_batteries(judged, level=design.level)
    return Finding(
        outcome=outcome,
        reasons=reasons,
        detectable=detectable(design),
        judged=judged,
        design=design,
        uninformative=sorted({item.battery for item in judged} - seen),
    )


def decided(
    judged: Sequence[Judged], utility: Utility, policy: Mapping[str, Any], design: Design, silent: Silent
) -> tuple[Outcome, list[Reason]]:
    if found := residual(judged, level=design.level):
        return "failed_residual", found
    if found := [*over_forgotten(judged, level=design.level), *useless(utility, policy, design)]:
        return "failed_over_forgotten", found
    few = named(judged, policy, level=design.level)
    if doubts := why_not_passed(judged, utility, policy, design, silent, near=nearly(judged, design.level)):
        return "inconclusive", [*doubts, *few]
    return "passed", [
        *few,
        Reason(f"The excess stays within {policy['margin']:.0%} at every budget that says anything."),
    ]


def under_qualification(
    outcome: Outcome, reasons: list[Reason], qualification: Qualified | None, *, useless: list[Reason]
) -> tuple[Outcome, list[Reason]]:
    """Never-seen rows are a control only for a recipe that is known to forget; else they are an indication at most."""
    if useless or outcome == "inconclusive":
        return outcome, reasons
    if qualification is None or qualification.outcome != "passed":
        words = (
            "There is no retrained control, and this recipe has no qualification that passed: at most an indication."
        )
        return "inconclusive", [Reason(words, open=True), *(replace(reason, open=False) for reason in reasons)]
    words = f"Judged against never-seen rows under qualification {qualification.digest}, not against references."
    return outcome, [Reason(words, open=True), *reasons]


def residual(judged: Sequence[Judged], *, level: float) -> list[Reason]:
    """More than retraining leaves: significant after Holm, also beyond general weakness, above every seed."""
    return [
        Reason(
            f"At budget {item.rung.budget:g} of {item.battery} the candidate gives back {item.x.value:+.0%} more of "
            f"the erased records than its control ({interval_words(item.x)})."
        )
        for item in rejected(judged, remembering(judged, level=level), level=level)
    ]


def remembering(judged: Sequence[Judged], *, level: float) -> list[float]:
    """P-values of "the candidate remembers no more than retraining leaves"; 1 where a budget may not say so."""
    seen = seen_batteries(judged, level=level)
    return [
        max(item.x.p_above(0.0), item.y.p_above(0.0))
        # An attack that succeeds has shown what it sees; an indirect sign counts only where the original gives it too.
        if item.informative
        and item.tells_memory
        and (item.is_attack or item.battery in seen)
        and above_every_seed(item.rung)
        else 1.0
        for item in judged
    ]


def over_forgotten(judged: Sequence[Judged], *, level: float) -> list[Reason]:
    """Less than retraining leaves, by more than the margin: the fingerprint of damage, not a success."""
    return [Reason(damage_words(item)) for item in rejected(judged, missing_too_much(judged, level=level), level=level)]


def damage_words(item: Judged) -> str:
    if item.is_kept:
        return (
            f"Of the rows that stay the candidate knows {abs(item.x.value):.0%} fewer than "
            f"retrained models do ({interval_words(item.x)}): what nobody asked to forget is lost."
        )
    return (
        f"At budget {item.rung.budget:g} of {item.battery} the erased records are {abs(item.x.value):.0%} further "
        f"away than after retraining ({interval_words(item.x)}): a trace of the deletion, or a broken model."
    )


def missing_too_much(judged: Sequence[Judged], *, level: float) -> list[float]:
    """P-values of "no further away than retraining, give or take the margin"; for the far tail the sign turns.

    Of rows that stay the same is asked: that the candidate knows no fewer of them than retraining leaves.
    """
    seen = seen_batteries(judged, level=level)
    p_values = []
    for item in judged:
        may_say = item.informative and (item.is_attack or item.battery in seen)
        if item.is_far:
            p_values.append(max(item.x.p_above(item.margin), item.y.p_above(0.0)) if may_say else 1.0)
        else:
            p_values.append(max(item.x.p_below(-item.margin), item.y.p_below(0.0)) if may_say else 1.0)
    return p_values


def rejected(judged: Sequence[Judged], p_values: Sequence[float], *, level: float) -> list[Judged]:
    """Half the level for each question, since each has one side."""
    return [item for item, no in zip(judged, holm(p_values, level=level / 2), strict=True) if no]


def nearly(judged: Sequence[Judged], level: float) -> list[Reason]:
    """What one battery alone would have failed: adding others to it may not turn a failure into a pass."""
    found = []
    for name in sorted({item.battery for item in judged}):
        own = [item for item in judged if item.battery == name]
        near = [item for item in judged if item.battery in (name, name.removesuffix(".far") + ".near")]
        p_values = dict(zip(map(id, near), remembering(near, level=level), strict=True))
        less = dict(zip(map(id, near), missing_too_much(near, level=level), strict=True))
        for kind in (p_values, less):
            found += rejected(own, [kind[id(item)] for item in own], level=level)
    words = "By itself battery {} would have failed; among so many it may be chance."
    return [Reason(words.format(name)) for name in sorted({item.battery for item in found})]


def useless(utility: Utility, policy: Mapping[str, Any], design: Design) -> list[Reason]:
    bounds = clopper_pearson(utility.successes, utility.trials, level=design.level)
    if bounds.high >= policy["utility_floor"]:
        return []
    words = (
        f"On {useful_on(policy)} {utility.successes} of {utility.trials} answers are right (at most "
        f"{bounds.high:.0%}); the policy asks for {policy['utility_floor']:.0%}. The model is damaged."
    )
    return [Reason(words, open=True)]


def interval_words(found: Excess) -> str:
    return f"interval {found.interval.low:+.0%} to {found.interval.high:+.0%}"
