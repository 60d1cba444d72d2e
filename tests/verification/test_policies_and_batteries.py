"""What a policy may say since networks can be verified, and how measurement lines become batteries."""

from typing import Any

import pytest

from governance.verification.policies import faults
from governance.verification.reading import batteries_of
from governance.verification.verdict import Utility, judge
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
        {"verification__required": []},
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


def test_a_generator_passes_under_a_policy_that_requires_what_was_measured_of_it():
    """600 latents: original all, references and candidate none; the attack on classifiers was not asked for."""
    rules = policy_body(verification__required=["generator"])["verification"]
    arms = {"A": 0, "B:0": 0, "B:1": 0, "B:2": 0, "C": 0, "D:0": 0, "D:1": 0, "D:2": 0, "P": 1}
    lines = [line("generator.latent.own", arm, 60.0, [bit] * 600) for arm, bit in arms.items()]
    useful = Utility(successes=990, trials=1000)
    batteries = batteries_of(lines, canaries=False)
    assert judge(batteries, useful, rules).outcome == "passed"
    unasked = judge(batteries, useful, {name: rule for name, rule in rules.items() if name != "required"})
    assert unasked.outcome == "inconclusive"
    assert faults(policy_body(verification__required=["generator.latent", "generator.i2i"])) == []


@pytest.mark.parametrize("bit", [0, 1])
def test_nothing_passes_because_a_policy_requires_no_control_at_all(bit: int):
    """Neither where no model yields anything nor where every model yields everything was anything to be seen."""
    rules = policy_body(verification__required=[])["verification"]
    name = f"uma.{rules['norm']}.{rules['target']}"
    arms = ["A", "C", "P", *(f"{side}:{seed}" for side in "BD" for seed in range(rules["references"]))]
    lines = [line(name, arm, budget, [bit] * 600) for arm in arms for budget in rules["budgets"]]
    found = judge(batteries_of(lines, canaries=False), Utility(successes=990, trials=1000), rules)
    assert found.outcome == "inconclusive"
