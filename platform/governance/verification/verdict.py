"""From measurements to a verdict: a pure function under a policy fixed beforehand (reference: sfd_uma.md 2.5).

Raw success proves nothing: a retrained model, which never saw the records, often yields their labels too.
What counts is the excess over retrained references, and what an attack of this size could have seen at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from governance.verification.statistics import (
    Excess,
    clopper_pearson,
    excess,
    holm,
    mean,
    smallest_visible,
)

Outcome = Literal["passed", "failed_residual", "failed_over_forgotten", "inconclusive"]
SATURATED = 0.9


@dataclass(frozen=True, kw_only=True)
class Rung:
    """All arms at one budget. A, B, P: the erased records on candidate, references, original.
    C, D: never-seen records on candidate, references. E: unrelated inputs aimed at the same labels."""

    budget: float
    a: Sequence[int]
    b: Sequence[Sequence[int]]
    c: Sequence[int]
    d: Sequence[Sequence[int]]
    e: Sequence[int]
    p: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Utility:
    """Right answers on people who are in no model."""

    successes: int
    trials: int


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One budget's numbers, in one battery."""

    battery: str
    rung: Rung
    x: Excess
    y: Excess
    control: Excess
    informative: bool


@dataclass(frozen=True)
class Reason:
    """Why. `open` ones follow from counts and from people in no model; the others look at deleted rows: sealed."""

    text: str
    open: bool = False


@dataclass(frozen=True, kw_only=True)
class Finding:
    outcome: Outcome
    reasons: list[Reason]
    detectable: float
    judged: list[Judged]


def judge(
    batteries: Mapping[str, Sequence[Rung]], utility: Utility, policy: dict[str, Any], *, attempt: int = 1
) -> Finding:
    """The verdict of attempt number `attempt`, which is judged at level / 2^attempt so that trying again buys nothing.

    `batteries`: by name, as reading.batteries_of groups the lines. `policy` is the section "verification" of
    obelus/policy/1.
    """
    level = policy["level"] / 2**attempt
    pairs = [(name, rung) for name, rungs in batteries.items() for rung in rungs]
    judged = [judge_rung(name, rung, policy, level / len(pairs)) for name, rung in pairs]
    records = len(pairs[0][1].a) if pairs else 0
    detectable = smallest_visible(records, level=level)
    for outcome, reasons in (
        ("failed_residual", residual(judged, level)),
        ("failed_over_forgotten", over_forgotten(judged, utility, policy, level)),
    ):
        if reasons:
            return Finding(outcome=outcome, reasons=reasons, detectable=detectable, judged=judged)  # type: ignore[arg-type]
    doubts = why_not_passed(judged, utility, policy, level, detectable, records)
    return Finding(
        outcome="inconclusive" if doubts else "passed",
        reasons=doubts
        or [Reason(f"The excess stays within {policy['margin']:.0%} at every budget that says anything.")],
        detectable=detectable,
        judged=judged,
    )


def judge_rung(battery: str, rung: Rung, policy: dict[str, Any], level: float) -> Judged:
    how = {"level": level, "resamples": policy["resamples"], "seed": policy["seed"]}
    control_rate = mean([mean(row) for row in rung.b]) if rung.b and rung.a else 1.0
    unrelated_rate = mean(rung.e) if rung.e else 0.0
    return Judged(
        battery=battery,
        rung=rung,
        x=excess(rung.a, rung.b, **how),
        y=excess(rung.c, rung.d, **how),
        control=excess(rung.p, rung.b, **how),
        informative=control_rate < SATURATED and unrelated_rate < SATURATED,
    )


def residual(judged: Sequence[Judged], level: float) -> list[Reason]:
    """More than retraining leaves: significant after Holm, more than general weakness explains, above every seed."""
    found = []
    for item, rejected in zip(judged, holm([j.x.p_value for j in judged], level=level), strict=True):
        weaker_in_general = item.x.value <= item.y.value
        if rejected and item.informative and not weaker_in_general and above_every_seed(item.rung):
            words = (
                f"At budget {item.rung.budget:g} the candidate gives back {item.x.value:+.0%} more of the "
                f"erased records than models that never held them ({interval_words(item.x)})."
            )
            found.append(Reason(words))
    return found


def above_every_seed(rung: Rung) -> bool:
    return all(mean(rung.a) > mean(row) for row in rung.b)


def over_forgotten(judged: Sequence[Judged], utility: Utility, policy: dict[str, Any], level: float) -> list[Reason]:
    """Far below the control, or no longer useful: the fingerprint of damage, not a success."""
    found = [
        Reason(
            f"At budget {item.rung.budget:g} the erased records are {-item.x.value:.0%} less reachable than after "
            f"retraining ({interval_words(item.x)}): a trace of the deletion, or a broken model."
        )
        for item in judged
        if item.informative
        and item.x.interval.high < -policy["margin"]
        and item.x.value < item.y.value
        # So few records cannot say more than that many tosses of a coin.
        and 0.5 ** len(item.rung.a) <= level / len(judged)
    ]
    bounds = clopper_pearson(utility.successes, utility.trials, level=level)
    if bounds.high < policy["utility_floor"]:
        words = (
            f"On people in no model {utility.successes} of {utility.trials} answers are right (at most "
            f"{bounds.high:.0%}); the policy asks for {policy['utility_floor']:.0%}. The model is damaged."
        )
        found.append(Reason(words, open=True))
    return found


def why_not_passed(
    judged: Sequence[Judged],
    utility: Utility,
    policy: dict[str, Any],
    level: float,
    detectable: float,
    records: int,
) -> list[Reason]:
    margin, told = policy["margin"], [item for item in judged if item.informative]
    doubts = []
    if detectable > margin:
        words = (
            f"With {records} records an excess below {detectable:.0%} could have gone unseen; the policy asks for "
            f"{margin:.0%}. About {records_needed(margin, level)} records would be needed."
        )
        doubts.append(Reason(words, open=True))
    if clopper_pearson(utility.successes, utility.trials, level=level).low < policy["utility_floor"]:
        doubts.append(Reason("Too few people in no model to be sure that the model is still useful.", open=True))
    if not told:
        doubts.append(Reason("At every budget the retrained references yield the labels as well: nothing is learned."))
    if not any(item.control.interval.low > 0 for item in told):
        doubts.append(Reason("The original shows no excess either, so this attack could not have seen a memory."))
    if any(item.x.interval.high > margin or item.x.interval.low < -margin for item in told):
        doubts.append(Reason(f"The interval of the excess reaches beyond the margin of {margin:.0%}."))
    return doubts


def records_needed(margin: float, level: float) -> int:
    count = 1
    while smallest_visible(count, level=level) > margin:
        count += 1
    return count


def interval_words(found: Excess) -> str:
    return f"interval {found.interval.low:+.0%} to {found.interval.high:+.0%}"
