"""What a re-test says: the erased against twins that were never planted, the kept as proof that there was something
to see. Pure functions; exact throughout, since the groups are small.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from governance.verification.sentinel_models import SentinelRetest
from governance.verification.statistics import clopper_pearson, holm

Outcome = SentinelRetest.Outcome
GROUPS = ("erased", "kept", "never_planted")
Bits = Mapping[str, Sequence[int]]
Question = Mapping[str, Any]  # {"budget"}, and the battery where there is more than one


def fisher(more: Sequence[int], null: Sequence[int]) -> float:
    """One-sided exact p-value (Fisher 1935) that `more` is recognised no oftener than `null`; 1 where one is empty."""
    n, m = len(more), len(null)
    if not n or not m:
        return 1.0
    hits = sum(more) + sum(null)
    ways = range(sum(more), min(n, hits) + 1)
    return min(1.0, sum(math.comb(n, k) * math.comb(m, hits - k) for k in ways) / math.comb(n + m, hits))


def level_of(level: float, *, test: int) -> float:
    """The share of the level that the k-th test may spend: all of them together never spend more than `level`."""
    return level / (test * (test + 1))


def rung(question: Question, bits: Bits, *, level: float) -> dict[str, Any]:
    """One question: each group as a count with its exact interval, and the two p-values."""
    found: dict[str, Any] = dict(question)
    for name in GROUPS:
        row = bits.get(name, [])
        interval = clopper_pearson(sum(row), len(row), level=level)
        found[name] = {"successes": sum(row), "trials": len(row), "low": interval.low, "high": interval.high}
    null = bits.get("never_planted", [])
    return found | {"p_erased": fisher(bits.get("erased", []), null), "p_kept": fisher(bits.get("kept", []), null)}


def finding(by_budget: Mapping[float, Bits], *, level: float, test: int, was_clean: bool) -> dict[str, Any]:
    """What `found_of` says where the only question is the label, at so many changes."""
    asked = [({"budget": budget}, by_budget[budget]) for budget in sorted(by_budget)]
    return found_of(asked, level=level, test=test, was_clean=was_clean)


def found_of(
    asked: Sequence[tuple[Question, Bits]],
    *,
    level: float,
    test: int,
    was_clean: bool,
    first: str = "Label given without any change",
) -> dict[str, Any]:
    """Outcome, rungs and words of one re-test. `was_clean`: an earlier release of the line showed no trace.

    asked: every question with its bits, in the committed order; `first` says what the first of them means.
    """
    share = level_of(level, test=test)
    rungs = [rung(question, bits, level=level) for question, bits in asked]
    erased = max((line["erased"]["trials"] for line in rungs), default=0)
    traced = any(holm([line["p_erased"] for line in rungs], level=share))
    seen = any(holm([line["p_kept"] for line in rungs], level=level))
    enough = any(could_be_told(line, level=share / len(rungs)) for line in rungs)
    outcome = outcome_of(erased=erased, traced=traced, seen=seen and enough, was_clean=was_clean)
    least = detectable(rungs[0], level=share / len(rungs)) if rungs else 1.0
    return {
        "outcome": outcome.value,
        "test": test,
        "level": share,
        "rungs": rungs,
        "detectable": least,
        "words": words(outcome, rungs, least, first=first, too_few=seen and not enough),
    }


def outcome_of(*, erased: int, traced: bool, seen: bool, was_clean: bool) -> SentinelRetest.Outcome:
    if not erased:
        return Outcome.BASELINE
    if traced:
        return Outcome.RESURRECTED if was_clean else Outcome.RESIDUAL
    return Outcome.CLEAN if seen else Outcome.BLIND


def could_be_told(line: dict[str, Any], *, level: float) -> bool:
    """Whether it would have been called a trace if every erased one had been recognised."""
    trials, null = line["erased"]["trials"], line["never_planted"]
    return fisher([1] * trials, [1] * null["successes"] + [0] * (null["trials"] - null["successes"])) <= level


def detectable(line: dict[str, Any], *, level: float) -> float:
    """The smallest excess over the twins' rate that would have been called one, at the first budget."""
    trials, null = line["erased"]["trials"], line["never_planted"]
    twins = [1] * null["successes"] + [0] * (null["trials"] - null["successes"])
    for hits in range(trials + 1):
        if fisher([1] * hits + [0] * (trials - hits), twins) <= level:
            excess: float = hits / trials - null["successes"] / null["trials"]
            return max(0.0, excess)
    return 1.0


def words(
    outcome: SentinelRetest.Outcome, rungs: list[dict[str, Any]], least: float, *, first: str, too_few: bool
) -> str:
    """The outcome in a sentence or two; never that something is proved to be gone."""
    if not rungs:
        return "Nothing was measured."
    erased, kept, null = (said(rungs[0][name]) for name in GROUPS)
    told = f"{first}: erased {erased}, still held {kept}, never planted {null}."
    ends = {
        Outcome.BASELINE: "None of them is erased yet: this is what a model that holds them shows.",
        Outcome.CLEAN: f"No trace of the erased ones was found; an excess below {least:.0%} could have gone unseen.",
        Outcome.BLIND: "Those still held are not recognised either, so a trace of the erased ones could not be seen.",
        Outcome.RESIDUAL: "The erased ones are recognised more often than chance explains: they are still in it.",
        Outcome.RESURRECTED: "An earlier release had let go of the erased ones, and this one knows them again.",
    }
    if outcome == Outcome.BLIND and too_few:
        return f"{told} So few are erased that even all of them recognised could not be told from chance."
    return f"{told} {ends[outcome]}"


def said(group: dict[str, Any]) -> str:
    return f"{group['successes']} of {group['trials']}"
