"""Recorded bits: what a candidate would measure beside an original that keeps everything, under each of the gates."""

from __future__ import annotations

from governance.verification.families import judged_by_language
from unlearning.language.scope.gate import policy_body
from unlearning.language.scope.rules import LENGTHS
from unlearning.verification.measurements import bits_line, utility, values_line

N = 120


def bits(rate, records=N):
    """So many successes, spread as evenly as they can be."""
    return [int((at + 1) * rate) > int(at * rate) for at in range(records)]


def battery(name, *, a, b, p, budget=0.5, records=N):
    """One budget of a battery with five references: shares of records that give the answer back."""
    arms = {"A": a, **{f"B:{k}": b for k in range(5)}, "C": b, **{f"D:{k}": b for k in range(5)}, "P": p}
    return [
        bits_line(name, arm, [int(bit) for bit in bits(rate, records)], budget=budget, tier="sealed")
        for arm, rate in arms.items()
    ]


def values(name, arm, found):
    return values_line(name, arm, found, trials=len(found), value=None, tier="sealed")


def kept_lines(right=0.97, useful=80):
    arms = {"A": right, **{f"B:{k}": 1.0 for k in range(5)}, "P": 1.0}
    lines = [
        bits_line("scope.neighbours", arm, [int(bit) for bit in bits(rate)], budget=0.5, tier="sealed")
        for arm, rate in arms.items()
    ]
    return [*lines, utility("A", right=useful, trials=100)]


def lines_for(purpose, *, memory=0.0, records=N, **more):
    """What a candidate that keeps `memory` of its records would measure, beside an original that keeps all."""
    kept = kept_lines(**more)
    if purpose == "privacy":
        names = ["membership.loss.near", "text.extraction", "scope.jailbreak", "relearning.records"]
        names += ["scope.paraphrase", "scope.cloze", "scope.multi_hop", "relearning.retain", "quantised.int4"]
        found = [line for name in names for line in battery(name, a=memory, b=0.0, p=1.0, records=records)]
        return [*found, *battery("membership.loss.far", a=0.0, b=0.0, p=0.0, records=records), *kept]
    if purpose == "copyright":
        runs = [line for at in (25, 50) for line in battery("scope.verbatim", a=memory, b=0, p=1, budget=at)]
        lengths = [values(LENGTHS, arm, [128] * N) for arm in "AC"]
        rest = [*battery("text.extraction", a=memory, b=0, p=1), *battery("relearning.retain", a=memory, b=0, p=1)]
        return [*runs, *lengths, *rest, *kept]
    choice = battery("scope.choice", a=0.25 + 0.75 * memory, b=0.25, p=1.0, budget=4, records=records)
    relearned = battery("relearning.records", a=memory, b=0.0, p=1.0, records=records)
    return [*choice, *relearned, *battery("uma.text.jailbreak", a=memory, b=0.0, p=1.0, records=records), *kept] + (
        battery("uma.text.paraphrase", a=memory, b=0.0, p=0.0, records=records)
    )


def whole(purpose, lines, *, memory):
    """With everything else that the policy has the platform measure."""
    rules = judged_by_language(policy_body(purpose)["verification"]) | {"resamples": 40}
    there = {line["name"] for line in lines}
    tails = [(f"membership.{kind}.near", memory, 1) for kind in rules["membership"]]
    tails += [(f"membership.{kind}.far", 0, 0) for kind in rules["membership"]]
    more = [*((name, memory, 1) for name in rules["probes"]), *tails]
    return [*lines, *(line for name, a, p in more if name not in there for line in battery(name, a=a, b=0, p=p))], rules
