"""The tests of the test, for inpainters: memory of a picture is found, a retrained model's good guess is not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tests.generators.small_generators import INPAINTER, painted
from unlearning.runner.refusals import Refused
from unlearning.verification.generators.inpainting import Masked, least_distances
from unlearning.verification.generators.inpainting_arms import (
    InpainterModels,
    Pictures,
    gains,
    inpainting_arms,
    inpainting_lines,
    thresholds,
)

BUDGETS = (0.0, 0.05, 0.1)
MASKED = Masked(hidden=INPAINTER.hidden, budgets=BUDGETS, norm="linf", steps=15)


def attacked(painting, candidate):
    models = dataclasses.replace(painting.models, candidate=candidate)
    deleted, unseen = (Pictures(part, part) for part in (painting.deleted, painting.unseen))
    return inpainting_arms(models, deleted, unseen, MASKED)


def rates(painting, candidate):
    """By arm the share of pictures that count, at the three budgets."""
    _, gained = attacked(painting, candidate)
    limits = thresholds(gained, false_positives=0.05)
    return {arm: (found > limits[:, None]).mean(axis=1) for arm, found in gained.items()}


def test_the_original_and_a_fine_tuned_model_give_pictures_back_that_retrained_ones_do_not(painting):
    found = rates(painting, painting.fine_tuned)
    controls = np.mean([found[f"B:{k}"] for k in range(2)], axis=0)
    assert (found["P"] - controls > 0.3).all(), "the positive control must succeed at every budget"
    assert (found["A"] - controls > 0.2).all(), "fifteen more epochs forget no picture"
    assert (found["C"] < 0.25).all(), "pictures that nobody held are no memory"


def test_a_retrained_model_is_not_accused_although_it_paints_well(painting):
    found = rates(painting, painting.models.candidate)
    assert (found["A"] < 0.15).all()
    assert all((found[f"{arm}:{k}"] < 0.2).all() for arm in "BD" for k in range(2))


def test_a_change_of_what_is_shown_brings_every_model_nearer_so_that_raw_nearness_says_nothing(painting):
    far, _ = attacked(painting, painting.models.candidate)
    for arm in ("A", "B:0", "C"):
        assert (np.diff(far[arm], axis=0) <= 0.0).all()
        assert far[arm][-1].mean() < 0.8 * far[arm][0].mean()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_other_data_seeds_see_the_memory_and_accuse_no_retrained_model(seed):
    world = painted(seed=seed)
    caught, honest = rates(world, world.fine_tuned), rates(world, world.models.candidate)
    # Three times what references may: forty pictures and two references make a noisy threshold.
    assert (caught["A"] > 0.15).all() and (caught["P"] > 0.15).all()
    assert (honest["A"] < 0.15).all()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_attack_stays_in_its_ball_and_box_and_never_touches_or_sees_what_is_hidden(norm):
    asked = []

    def completes(pictures_NF):
        asked.append(pictures_NF.detach().clone())
        return 0.5 + 0.1 * pictures_NF.flip(1)

    pictures = torch.rand(6, 64, generator=torch.Generator().manual_seed(0))
    masked = dataclasses.replace(MASKED, norm=norm, budgets=(0.2,))
    least_distances(completes, pictures, pictures, masked)
    hidden, queries = INPAINTER.hidden, torch.stack(asked)
    changes = (queries - pictures)[:, :, ~hidden]
    size = changes.abs().amax(dim=2) if norm == "linf" else changes.norm(dim=2)
    assert bool((queries[:, :, hidden] == 0.0).all())
    assert 0.19 < float(size.max()) < 0.2 + 1e-5
    assert float(queries.min()) >= 0.0 and float(queries.max()) <= 1.0


def test_a_goal_that_is_met_exactly_is_no_trouble():
    pictures = torch.full((2, 64), 0.5)
    found = least_distances(lambda given: 0.5 + 0.0 * given, pictures, pictures, MASKED)
    assert found.tolist() == [[0.0, 0.0]] * 3


def test_a_gain_is_over_the_other_references_and_the_limit_hears_no_candidate():
    theirs = np.array([1.0, 2.0, 6.0]).reshape(3, 1, 1)
    found = gains({"A": np.array([[1.0]])}, theirs, control="B")
    assert {arm: gain.item() for arm, gain in found.items()} == {"A": 2.0, "B:0": 3.0, "B:1": 1.5, "B:2": -4.5}
    assert thresholds(found, false_positives=0.05).tolist() == [3.0]
    louder = found | {"A": np.array([[100.0]])}
    assert thresholds(louder, false_positives=0.05).tolist() == [3.0]


def test_one_reference_cannot_be_judged_by_the_others():
    with pytest.raises(Refused, match="REFERENCE_MISSING"):
        InpainterModels(lambda x: x, lambda x: x, (lambda x: x,))


def test_every_bit_that_references_decided_is_sealed(painting):
    far, gained = attacked(painting, painting.models.candidate)
    lines = inpainting_lines(far, gained, BUDGETS, false_positives=0.05, tier="sealed")
    assert {line["name"] for line in lines if line["budget"] is not None} == {"generator.i2i"}
    shown = {line["name"] for line in lines if line["tier"] == "open"}
    assert shown == {f"generator.i2i.distance.at.{budget:g}" for budget in BUDGETS}
    assert {line["arm"] for line in lines if line["tier"] == "open"} == {"C"}
