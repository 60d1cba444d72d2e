"""What a policy may say since networks can be verified, and how measurement lines become batteries."""

from typing import Any

import pytest

from governance.verification.policies import faults
from governance.verification.reading import batteries_of
from tests.story.world import policy_body

NEW: dict[str, Any] = {
    "verification__steps": 15,
    "verification__restarts": 2,
    "verification__probes": ["relearning.records", "probe.linear"],
    "verification__membership": ["lira", "ulira"],
    "verification__required": ["uma", "membership.lira"],
    "verification__references_by": "qualification",
    "verification__approximate": {"method": "finetune", "params": {"epochs": 3}},
    "verification__sentinels": {"people": 4},
}


def line(name: str, arm: str, budget: float | None, bits: list[int]) -> dict[str, Any]:
    return {"name": name, "arm": arm, "budget": budget, "per_record": bits}


def test_a_policy_from_before_networks_still_fits():
    assert faults(policy_body()) == []


def test_a_policy_may_name_everything_that_networks_need():
    assert faults(policy_body(**NEW)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"verification__probes": ["guessing"]},
        {"verification__membership": ["lira", "lira"]},
        {"verification__references_by": "hope"},
        {"verification__approximate": {"method": "prayer"}},
        {"verification__steps": 0},
    ],
)
def test_what_no_engine_knows_is_refused(change: dict[str, Any]):
    assert len(faults(policy_body(**change))) == 1


def test_lines_group_by_name_and_values_without_a_budget_judge_nothing():
    lines = [
        line("uma.l2.label_only", "A", 0.1, [1, 0]),
        line("uma.l2.label_only", "B:0", 0.1, [0, 0]),
        line("uma.l2.label_only", "A", 0.0, [0, 0]),
        line("uma.l2.label_only.minimum", "A", None, [0, 1]),
        line("membership.loss.near", "A", 0.05, [1, 1]),
        line("membership.loss.roc", "A", None, [0, 0, 1, 1]),
        line("canary.uma.l2.label_only", "A", 0.1, [1, 1, 1]),
    ]
    people, planted = batteries_of(lines, canaries=False), batteries_of(lines, canaries=True)
    assert list(people) == ["membership.loss.near", "uma.l2.label_only"]
    assert [(rung.budget, rung.a, rung.b) for rung in people["uma.l2.label_only"]] == [
        (0.0, [0, 0], []),
        (0.1, [1, 0], [[0, 0]]),
    ]
    assert [rung.a for rung in planted["uma.l2.label_only"]] == [[1, 1, 1]]
