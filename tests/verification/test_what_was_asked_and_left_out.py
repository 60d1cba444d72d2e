"""A line that is not there found nothing, and must not count as an attack that found nothing."""

import random
from typing import Any

import pytest

from governance.verification.verdict import Finding, Rung, Utility, judge

POLICY: dict[str, Any] = {
    "margin": 0.10,
    "level": 0.05,
    "utility_floor": 0.8,
    "resamples": 200,
    "seed": 7,
    "norm": "linf",
    "target": "label_only",
    "budgets": [0.05, 0.1],
    "references": 5,
    "probes": ["relearning.records"],
    "membership": ["loss"],
}
UMA, PROBE, NEAR, FAR = "uma.linf.label_only", "relearning.records", "membership.loss.near", "membership.loss.far"
USEFUL = Utility(successes=960, trials=1000)


def bits(rate: float, seed: int) -> list[int]:
    chance = random.Random(seed)
    return [int(chance.random() < rate) for _ in range(600)]


def rung(*, budget: float = 0.05, references: int = 5) -> Rung:
    """An honest candidate: as its references on every row, while the original gives nearly every label."""
    own, strangers = bits(0.2, 1), bits(0.2, 2)
    return Rung(
        budget=budget, a=own, b=[own] * references, c=strangers, d=[strangers] * references, e=[], p=bits(0.9, 1)
    )


def whole() -> dict[str, list[Rung]]:
    return {UMA: [rung(), rung(budget=0.1)], PROBE: [rung(budget=1)], NEAR: [rung()], FAR: [rung()]}


def judged(batteries: dict[str, list[Rung]]) -> Finding:
    return judge(batteries, USEFUL, POLICY)


def test_with_all_that_was_asked_for_it_passes():
    assert judged(whole()).outcome == "passed"


@pytest.mark.parametrize("name", [PROBE, NEAR, FAR])
def test_a_battery_that_is_missing_is_a_doubt_that_everybody_may_read(name: str):
    found = judged({battery: rungs for battery, rungs in whole().items() if battery != name})
    assert found.outcome == "inconclusive"
    assert any(name in reason.text for reason in found.reasons if reason.open)


def test_the_attack_by_transfer_alone_does_not_stand_in_for_the_attack():
    found = judged({f"{UMA}.transfer": whole()[UMA], **{name: whole()[name] for name in (PROBE, NEAR, FAR)}})
    assert found.outcome == "inconclusive"


def test_a_budget_that_is_missing_is_a_doubt():
    found = judged(whole() | {UMA: [rung()]})
    assert found.outcome == "inconclusive"
    assert any("budget 0.1" in reason.text for reason in found.reasons if reason.open)


def test_fewer_references_than_the_policy_asks_for_are_a_doubt():
    few = {UMA: [rung(references=4), rung(budget=0.1, references=4)]}
    assert judged(whole() | few).outcome == "inconclusive"


def test_transferred_queries_that_were_asked_for_must_be_there():
    rules = POLICY | {"transfer": "original"}
    assert judge(whole(), USEFUL, rules).outcome == "inconclusive"
    assert judge(whole() | {f"{UMA}.transfer": whole()[UMA]}, USEFUL, rules).outcome == "passed"
