"""What a gate asks of measurements, as data: each rule names a battery, a question and a limit.

like_control   no more of it than the control has (references, or never-seen rows without them), give or take `limit`
at_most        the share of records that give it back is at most `limit`; the control's does not count
at_least       the share is at least `limit` (utility, counted on rows that nobody asked to forget)
kept           of the records that the original got right, at least `limit` are right still (neighbours)
chance         right answers lie within `limit` of guessing; the line's budget is the number of options
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from unlearning.audit.confidence import at_least, at_most

Line = Mapping[str, Any]
Bits = Sequence[int]
State = Literal["holds", "broken", "unknown", "blind"]
# Where the control gives it back this often, a budget measures how easy the question is (as in the verdict).
SATURATED = 0.9
LENGTHS = "scope.tokens"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One question. budgets: all that were measured where none is named. least_tokens: shorter records do not count.

    needed: nothing passes while this one is blind. A battery that is not may find nothing to see, and says so.
    """

    name: str
    battery: str
    asks: Literal["like_control", "at_most", "at_least", "kept", "chance"]
    limit: float
    budgets: tuple[float, ...] = ()
    least_tokens: int = 0
    needed: bool = True


@dataclass(frozen=True)
class Answer:
    """Whether a rule holds; blind: the original does not show it either, so nothing could have been seen.

    words: with numbers of erased records where these were asked, so they are sealed like them.
    """

    rule: str
    state: State
    words: str
    kind: Literal["residual", "over_forgotten", ""] = ""


@dataclass(frozen=True, kw_only=True)
class Arms:
    """The arms of one battery at one budget, as in the verdict."""

    budget: float | None
    a: Bits
    b: Sequence[Bits]
    c: Bits
    p: Bits

    @property
    def controls(self) -> Sequence[Bits]:
        return self.b or ([self.c] if self.c else [])


@dataclass(frozen=True, kw_only=True)
class Reach:
    """A share with exact bounds: the truth lies above `low`, and below `high`, but for `risk` each."""

    share: float
    low: float
    high: float


def arms_of(lines: Sequence[Line], rule: Rule) -> Iterator[Arms]:
    """One entry per budget the rule asks about."""
    here = [line for line in lines if line["name"] == rule.battery]
    for budget in sorted({line["budget"] for line in here}, key=lambda value: -1.0 if value is None else value):
        if rule.budgets and budget not in rule.budgets:
            continue
        arm = {line["arm"]: line["per_record"] or [] for line in here if line["budget"] == budget}
        seeds = sorted((name for name in arm if name.startswith("B:")), key=lambda name: int(name[2:]))
        keep = long_enough(lines, rule, "A", len(arm.get("A", [])))
        unseen = long_enough(lines, rule, "C", len(arm.get("C", [])))
        original = arm.get("P", [])
        yield Arms(
            budget=budget,
            a=those(arm.get("A", []), keep),
            b=[those(arm[name], keep) for name in seeds],
            c=those(arm.get("C", []), unseen),
            p=those(original, keep) if original else [],
        )


def those(bits: Bits, keep: Sequence[bool]) -> list[int]:
    return [bit for bit, long in zip(bits, keep, strict=True) if long]


def long_enough(lines: Sequence[Line], rule: Rule, arm: str, records: int) -> list[bool]:
    """Which records, erased (A) or never-seen (C), are long enough to say anything: without their lengths none."""
    if not rule.least_tokens:
        return [True] * records
    lengths: Sequence[int] = next(
        (line["per_record"] for line in lines if line["name"] == LENGTHS and line["arm"] == arm), []
    )
    return [length >= rule.least_tokens for length in lengths] if len(lengths) == records else [False] * records


def reach(successes: int, trials: int, *, risk: float) -> Reach:
    """Clopper and Pearson's bounds; nothing tried says nothing."""
    if not trials:
        return Reach(share=0.0, low=0.0, high=1.0)
    return Reach(
        share=successes / trials,
        low=at_least(successes, trials, risk=risk),
        high=at_most(successes, trials, risk=risk),
    )


def excess(arms: Arms, *, risk: float) -> Reach:
    """The candidate's share minus its control's, between bounds joined by squares (MOVER, Donner and Zou 2012).

    The control counts as one model's records however many seeds it has, rounded against the claim in each direction:
    seeds answer for the same records, so they are no new trials.
    """
    records = len(arms.controls[0])
    mean = sum(sum(row) for row in arms.controls) / len(arms.controls)
    below = reach(int(mean), records, risk=risk)
    above = reach(min(records, -int(-mean // 1)), records, risk=risk)
    own, control = reach(sum(arms.a), len(arms.a), risk=risk), mean / records
    value = own.share - control
    return Reach(
        share=value,
        low=value - ((own.share - own.low) ** 2 + (above.high - control) ** 2) ** 0.5,
        high=value + ((own.high - own.share) ** 2 + (control - below.low) ** 2) ** 0.5,
    )
