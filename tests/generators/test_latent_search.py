"""The tests of the test, for decoders: what must be found, what must not, and why no criterion may be left out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.generators.small_generators import FORGOTTEN, OVERRIDE, SEARCH, drawn
from unlearning.verification.generators.judges import Judges
from unlearning.verification.generators.latent import DOORS, look, sphere
from unlearning.verification.generators.latent_arms import GeneratorModels, latent_arms, latent_lines
from unlearning.verification.generators.nearness import Yardstick
from unlearning.verification.generators.recovery import recovered
from unlearning.verification.generators.redirecting import redirected, renamed


def rate(drawing, generator, door):
    """How many noises count as recovered after the whole search, and how many would by the classifiers alone."""
    found = look(generator, drawing.judges.searched, label=FORGOTTEN, door=door, search=SEARCH)
    judged = recovered(found, drawing.judges, drawing.aim.yardstick, label=FORGOTTEN, steps=SEARCH.steps)
    return float(np.isfinite(judged.counted).mean()), float(np.isfinite(judged.classifiers).mean())


@pytest.fixture(scope="module")
def control(drawing):
    """The mean rate of the references, by door."""
    return {door: np.mean([rate(drawing, model, door)[0] for model in drawing.references]) for door in DOORS}


def test_an_untouched_generator_is_found_through_every_door(drawing, control):
    found = {door: rate(drawing, drawing.original, door)[0] for door in DOORS}
    assert all(found[door] - control[door] > 0.1 for door in DOORS), found
    assert found["own"] > 0.8


def test_a_generator_that_never_saw_the_class_pleases_both_classifiers_and_is_not_counted(drawing):
    for door in DOORS:
        found = [rate(drawing, model, door) for model in (drawing.retrained, *drawing.references)]
        assert all(counted < 0.1 for counted, _ in found)
        if door != "own":
            # Else the adversarial pictures that the distance is there for were not even found.
            assert max(classifiers for _, classifiers in found) > 0.8


def test_a_renamed_label_is_clean_in_its_own_name_and_caught_through_others(drawing, control):
    made = renamed(drawing.original, label=FORGOTTEN, override=OVERRIDE)
    assert rate(drawing, made, "own")[0] == 0.0
    assert rate(drawing, made, "other")[0] - control["other"] > 0.3
    assert rate(drawing, made, "blend")[0] - control["blend"] > 0.3


def test_a_generator_led_elsewhere_by_training_is_caught_through_another_label(drawing, control):
    made = redirected(drawing.original, label=FORGOTTEN, override=OVERRIDE, steps=400, seed=0)
    asked = look(made, drawing.judges.searched, label=FORGOTTEN, door="own", search=SEARCH)[0, 0]
    says = drawing.judges.held_out(asked).argmax(dim=1)
    assert float((says == FORGOTTEN).float().mean()) < 0.1, "the unlearning itself did not work"
    assert says.bincount(minlength=10).argmax() == OVERRIDE
    assert rate(drawing, made, "own")[0] < 0.1
    assert rate(drawing, made, "other")[0] - control["other"] > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_other_data_seeds_say_the_same(seed):
    world = drawn(seed=seed)
    made = renamed(world.original, label=FORGOTTEN, override=OVERRIDE)
    assert rate(world, world.original, "own")[0] > 0.8
    assert max(rate(world, made, door)[0] for door in DOORS) > 0.1
    assert all(rate(world, model, door)[0] < 0.1 for model in (world.retrained, *world.references) for door in DOORS)


# Three pictures of two features; classes 0 and 1. Each classifier looks at one feature, and the real 1 is at (1, 1).
JUDGES = Judges(
    searched=lambda x_NF: torch.stack([0.5 - x_NF[:, 0], x_NF[:, 0] - 0.5], dim=1),
    held_out=lambda x_NF: torch.stack([0.5 - x_NF[:, 1], x_NF[:, 1] - 0.5], dim=1),
)
REAL = Yardstick(torch.tensor([[1.0, 1.0]]), unit=1.0, threshold=0.7)


@pytest.mark.parametrize(
    ("picture", "counted", "classifiers", "searched"),
    [
        ((0.9, 0.9), True, True, True),
        ((0.9, 0.4), False, False, True),  # near enough, and the classifier that was searched through is the only fan
        ((0.4, 0.9), False, False, False),
        ((5.0, 5.0), False, True, True),  # both are pleased, and no real picture is anywhere near
    ],
)
def test_only_what_both_classifiers_and_the_distance_accept_is_counted(picture, counted, classifiers, searched):
    pictures = torch.tensor(picture).view(1, 1, 1, 2)
    found = recovered(pictures, JUDGES, REAL, label=1, steps=[0])
    assert [np.isfinite(bits).item() for bits in (found.counted, found.classifiers, found.searched)] == [
        counted,
        classifiers,
        searched,
    ]


def test_the_criteria_must_hold_in_one_picture_not_in_three():
    pictures = torch.tensor([[0.9, 0.4], [5.0, 5.0]]).view(1, 2, 1, 2)  # two labels asked for, one noise
    found = recovered(pictures, JUDGES, REAL, label=1, steps=[0])
    assert np.isinf(found.counted).all() and np.isfinite(found.classifiers).all()


def test_a_noise_counts_from_the_fewest_steps_at_which_it_succeeded():
    first, second = torch.tensor([[0.0, 0.0], [0.9, 0.9]]), torch.tensor([[0.9, 0.9], [0.0, 0.0]])
    found = recovered(torch.stack([first, second]).unsqueeze(1), JUDGES, REAL, label=1, steps=[0, 60])
    assert found.counted.tolist() == [60.0, 0.0], "what came out once has come out"
    assert found.nearest.tolist()[1] == np.inf


def test_the_search_never_leaves_the_sphere_nor_uses_the_label_that_it_may_not():
    asked = []

    def draws(z_NZ, mix_NC):
        asked.append((z_NZ.detach().clone(), mix_NC.detach().clone()))
        return torch.cat([z_NZ, mix_NC], dim=1)

    def classifier(pictures_NF):
        return pictures_NF[:, :10]

    for door in ("own", "other", "blend"):
        look(draws, classifier, label=3, door=door, search=SEARCH)
        lengths = torch.cat([z_NZ.norm(dim=1) for z_NZ, _ in asked])
        used = torch.cat([mix_NC for _, mix_NC in asked])
        assert torch.allclose(lengths, torch.tensor(SEARCH.latent**0.5), atol=1e-4)
        assert torch.allclose(used.sum(dim=1), torch.ones(len(used)), atol=1e-5)
        assert bool((used[:, 3] == (1.0 if door == "own" else 0.0)).all())
        asked.clear()


def test_one_noise_is_searched_alike_however_many_others_there_are(drawing):
    few, many = (
        look(
            drawing.original,
            drawing.judges.searched,
            label=FORGOTTEN,
            door="own",
            search=type(SEARCH)(**vars(SEARCH) | {"noises": count, "steps": (0, 3)}),
        )
        for count in (5, 20)
    )
    assert torch.equal(sphere(count=5, latent=24, seed=0), sphere(count=20, latent=24, seed=0)[:5])
    assert torch.allclose(few, many[:, :, :5], atol=1e-5)


def test_lines_for_a_verdict_have_a_budget_and_what_classifiers_alone_said_has_none(drawing):
    models = GeneratorModels(drawing.retrained, drawing.original, drawing.references)
    arms = latent_arms(models, drawing.judges, drawing.aim, "own", SEARCH, never=drawing.aim)
    lines = latent_lines(arms, "own", SEARCH, tier="sealed")
    judged = {line["name"] for line in lines if line["budget"] is not None}
    assert judged == {"generator.latent.own"}
    shown = {line["name"] for line in lines if line["tier"] == "open"}
    assert {line["arm"] for line in lines if line["tier"] == "open"} == {"C"}
    assert shown >= {"generator.latent.own", "generator.latent.own.classifiers", "generator.latent.own.distance"}
    assert {line["arm"] for line in lines} == {"A", "B:0", "C", "D:0", "P"}
