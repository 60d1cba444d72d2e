"""What the attack must show on the records task, where a correct result is known (reference figures: sfd_uma 3.3)."""

from __future__ import annotations

import numpy as np
import pytest

from tests.attacks.conftest import make_world
from unlearning.verification.network_arms import Strength, attack_arms, groups_of, said, transfer_arms

LADDER = (0.0, 0.1, 0.2)


@pytest.fixture(scope="module")
def rates(world):
    return rates_of(world, world.finetuned)


def rates_of(world, candidate, **how):
    """Success by arm and budget."""
    strength = Strength(budgets=LADDER, low=0.0, high=1.0, **how)
    arms = attack_arms(groups_of(world.models(candidate), world.deleted, world.unseen, strength), strength)
    return {arm.name: {budget: float((arm.changes <= budget).mean()) for budget in LADDER} for arm in arms}


def excess(rates, budget):
    return rates["A"][budget] - np.mean([rate[budget] for arm, rate in rates.items() if arm.startswith("B")])


def record_excess(rates, budget):
    never_held = np.mean([rate[budget] for arm, rate in rates.items() if arm.startswith("D")])
    return excess(rates, budget) - (rates["C"][budget] - never_held)


def test_the_finetuned_model_passes_the_output_check_and_gives_back_what_it_forgot(rates):
    assert abs(excess(rates, 0.0)) <= 0.05
    assert 0.15 <= excess(rates, 0.1) <= 0.45
    assert record_excess(rates, 0.1) >= 0.1
    assert rates["A"][0.1] > max(rates["B:0"][0.1], rates["B:1"][0.1])


def test_raw_success_proves_nothing_for_retrained_models_yield_most_labels_at_a_larger_budget(rates):
    assert min(rates["B:0"][0.2], rates["B:1"][0.2]) > 0.7
    assert abs(rates["B:0"][0.1] - rates["B:1"][0.1]) <= 0.1


def test_the_positive_control_is_seen_and_unrelated_rows_are_not_turned_as_easily(rates):
    assert rates["P"][0.1] >= 0.9
    assert rates["E"][0.1] < rates["A"][0.1] - 0.3


def test_one_retrained_model_held_against_another_shows_no_excess(rates):
    one, other = ({"A": rates[f"B:{k}"], "C": rates[f"D:{k}"]} for k in (0, 1))
    for budget in LADDER[:2]:
        assert abs(one["A"][budget] - other["A"][budget]) <= 0.05
        assert abs((one["A"][budget] - one["C"][budget]) - (other["A"][budget] - other["C"][budget])) <= 0.05


def test_queries_crafted_on_the_original_work_on_the_finetuned_model_more_than_on_retrained_ones(world, rates):
    strength = Strength(budgets=(0.1,), low=0.0, high=1.0, restarts=1)
    arms = transfer_arms(
        world.original, groups_of(world.models(world.finetuned), world.deleted, world.unseen, strength), strength
    )
    carried = {arm.name: {0.1: float((arm.changes <= 0.1).mean())} for arm in arms}
    assert excess(carried, 0.1) >= 0.05
    assert all(carried[arm][0.1] <= rates[arm][0.1] + 0.02 for arm in ("A", "B:0", "B:1", "C", "E"))


def test_utility_alone_would_have_passed_it(world):
    test = world.rows(world.task.test)
    right = [float((said(model, test.x) == test.y).float().mean()) for model in (world.finetuned, *world.retrained)]
    assert right[0] >= np.mean(right[1:]) - 0.02


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_on_every_seed_the_excess_is_near_the_reference_and_above_five_retrained_models(seed):
    world = make_world(seed=seed, references=5, width=16)
    found = rates_of(world, world.finetuned)
    controls = [found[f"B:{k}"][0.1] for k in range(5)]
    assert 0.15 <= excess(found, 0.1) <= 0.45
    assert record_excess(found, 0.1) >= 0.1
    assert found["A"][0.1] > max(controls)
    assert max(controls) - min(controls) <= 0.1
    assert min(found[f"B:{k}"][0.2] for k in range(5)) > 0.6
