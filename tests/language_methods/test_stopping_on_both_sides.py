"""The target with two sides, the floor under the utility, and the guard, on a model that knows its rows."""

import functools
import math

import pytest
import torch

from tests import language_world as world
from tests.language_methods.method_world import short, tiny
from unlearning.language.encoding import encode
from unlearning.language.stepping import bisected, halt, walk_back
from unlearning.language.stopping import Watch
from unlearning.language.unlearning import Unlearned, unlearn_in_place
from unlearning.language.unlearning_cache import nll_of


def per_token(lm, rows) -> list[float]:
    sums, counts = nll_of(lm.model, encode(lm.tokenizer, rows, template="plain", most_tokens=512))
    return (sums / counts).tolist()


def mean(values) -> float:
    return sum(values) / len(values)


def probability(lm, rows) -> float:
    return mean([math.exp(-value) for value in per_token(lm, rows)])


@functools.cache
def aimed() -> Unlearned:
    sides = world.forget(), world.retain(), world.holdout()[:16]
    return unlearn_in_place(world.trained(), *sides, method="npo", seed=0)


def test_npo_stops_at_the_level_of_never_trained_rows_and_not_far_beyond():
    done = aimed()
    assert done.stopped_because == "target" and done.record["steps"] < done.record["planned_steps"]
    gone = mean(per_token(done.lm, world.forget())) - mean(per_token(done.lm, world.holdout()[:16]))
    assert 0 <= gone <= 2.0
    assert probability(world.trained(), world.forget()) > 0.9 > 0.02 > probability(done.lm, world.forget())
    assert probability(done.lm, world.retain()) > 0.9


def test_the_target_had_to_outlast_steps_on_rows_to_keep_alone():
    done = aimed()
    assert done.curves[-1]["pushed"] == 0
    assert done.record["params"]["hold"] == 10 and done.record["steps"] > 10


def test_the_curves_fall_from_the_known_to_the_level_of_strangers():
    first, last = aimed().curves[0], aimed().curves[-1]
    assert first["forget"] > 0.9 and last["forget"] <= last["holdout"] < 0.02
    assert first["utility"] == 1.0 and last["utility"] >= 0.95


def test_the_record_says_how_it_came_about():
    record = aimed().record
    assert record["data_order"].startswith("sha256:")
    assert {"method": "npo", "seed": 0, "stopped_because": "target"}.items() <= record.items()
    assert record["global_batch"] == {"forget_per_request": 8, "retain": 8}
    assert record["params"]["beta"] and record["search_grid"].endswith("language-sweep.md")


def test_the_guard_halts_ascent_that_runs_on_and_gives_back_the_best_state_above_the_floor():
    lm = world.trained()
    options = {"target": "epochs", "lr": 1e-3, "epochs": 60, "utility_floor": 0.9}
    sides = world.forget(), world.retain(), []
    done = unlearn_in_place(lm, *sides, method="gradient_ascent", params=options)
    assert (done.stopped_because, done.record["steps"] < 60) == ("collapse", True)
    assert "halted a collapsing run" in done.record["reason"]
    assert done.curves[-1]["utility"] < 0.3
    assert probability(done.lm, world.retain()) >= 0.9 * probability(world.trained(), world.retain())
    assert done.record["chosen_step"] < done.record["steps"]


def test_without_guard_and_floor_the_last_state_is_taken_as_it_is():
    done = short(tiny(), "gradient_ascent", lr=0.3, retain_weight=0.0)
    assert (done.stopped_because, done.record["steps"], done.record["chosen_step"]) == ("epochs", 4, 4)
    assert not done.lm.model.training


def test_a_step_that_goes_too_far_is_taken_back_in_part():
    # One step of this size throws a row from known to four nats beyond strangers.
    lm = world.trained()
    options = {"lr": 4e-3, "epochs": 3, "slack": 0.5, "utility_floor": 0.0, "collapse": 0.0}
    sides = world.forget(), world.retain(), world.holdout()[:8]
    done = unlearn_in_place(lm, *sides, method="gradient_ascent", params=options)
    gone = mean(per_token(done.lm, world.forget())) - mean(per_token(done.lm, world.holdout()[:8]))
    assert done.stopped_because == "target"
    assert 0 <= gone <= 0.5 + 1e-3


def adam_after_steps() -> tuple[torch.nn.Linear, torch.optim.AdamW, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    layer = torch.nn.Linear(5, 3)
    optimiser = torch.optim.AdamW(layer.parameters(), lr=0.03, weight_decay=0.0)
    before = layer.weight.detach().clone()
    for _ in range(3):
        before = layer.weight.detach().clone()
        optimiser.zero_grad()
        layer(torch.randn(4, 5)).square().sum().backward()
        optimiser.step()
    return layer, optimiser, before, layer.weight.detach().clone()


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_walking_back_undoes_just_that_share_of_the_last_step(share):
    layer, optimiser, before, after = adam_after_steps()
    walk_back(optimiser, share)
    assert torch.allclose(layer.weight.detach(), after + share * (before - after), atol=1e-7)
    walk_back(optimiser, -share)
    assert torch.allclose(layer.weight.detach(), after, atol=1e-7)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.93])
def test_bisection_stands_within_the_slack_past_the_target(level):
    layer, optimiser, before, after = adam_after_steps()

    def beyond() -> float:
        along = (layer.weight.detach() - before).flatten() @ (after - before).flatten()
        return float(along / (after - before).square().sum()) - level

    bisected(optimiser, beyond, slack=0.05)
    assert 0 <= beyond() <= 0.05


def test_halting_takes_the_momentum_away():
    layer, optimiser, _, after = adam_after_steps()
    halt(optimiser)
    optimiser.zero_grad(set_to_none=False)
    optimiser.step()
    assert torch.equal(layer.weight.detach(), after)


def watch(**options) -> Watch:
    lm = tiny()
    own = {"target": "holdout", "slack": 1.0, "collapse": 0.3, "utility_floor": 0.9, "retain_weight": 1.0}
    own |= options
    rows = (world.forget()[:4], world.holdout()[:3], world.retain()[:3])
    sides = [encode(lm.tokenizer, some, template="plain", most_tokens=512) for some in rows]
    return Watch(lm.model, own, forget=sides[0], holdout=sides[1], retain=sides[2], requests=[3, 1])


def test_a_row_rests_at_the_level_and_a_request_when_its_mean_is_there():
    looking = watch()
    looking.seen.level, looking.seen.least = 5.0, 4.0
    looking.seen.forget = [4.5, 5.5, 4.9, 3.0]
    assert looking.pushed([0, 1, 2], 0) == [0, 2] and looking.pushed([3], 1) == [3]
    assert not looking.reached() and looking.beyond() == -2.0
    looking.seen.forget = [4.5, 5.6, 4.9, 5.0]
    assert looking.pushed([0, 1, 2], 0) == [] and looking.reached()


def test_one_row_more_probable_than_every_stranger_keeps_its_request_going():
    looking = watch()
    looking.seen.level, looking.seen.least = 5.0, 4.0
    looking.seen.forget = [3.9, 5.8, 5.8, 9.0]
    assert not looking.reached() and not looking.rests() and looking.pushed([0, 1, 2], 0) == [0]


def test_a_request_rests_while_one_push_more_would_take_all_its_rows_too_far():
    """Such steps were taken back, whole, one after another: the run stood still and gave back the model as it came."""
    looking = watch()
    looking.seen.level, looking.seen.least = 5.0, 4.0
    looking.seen.forget = [3.9, 9.0, 9.0, 9.0]
    assert looking.pushed([0, 1, 2], 0) == [] and looking.rests() and not looking.reached()
    looking.seen.forget = [3.9, 5.7, 5.7, 9.0]  # steps on rows to keep have brought them nearer
    assert looking.pushed([0, 1, 2], 0) == [0]


def test_without_rows_to_keep_nothing_rests_because_nothing_would_come_nearer():
    looking = watch(retain_weight=0.0)
    looking.seen.level, looking.seen.least = 5.0, 4.0
    looking.seen.forget = [3.9, 9.0, 9.0, 9.0]
    assert looking.pushed([0, 1, 2], 0) == [0] and not looking.rests()


def test_a_request_far_past_the_level_is_not_at_the_target_whatever_the_others_are():
    """Two requests in one run: what one still needs may throw the other too far, and a step is taken back for all."""
    looking = watch()
    looking.seen.level, looking.seen.least = 5.0, 4.0
    looking.seen.forget = [9.0, 9.0, 9.0, 5.0]
    assert looking.reached() and looking.too_far()
    looking.seen.forget = [5.9, 5.9, 5.9, 5.0]
    assert looking.reached() and not looking.too_far()
    alone = watch(retain_weight=0.0)
    alone.seen.level, alone.seen.forget = 5.0, [9.0, 9.0, 9.0, 5.0]
    assert not alone.too_far()


def test_no_number_at_all_is_a_collapse_too():
    looking = watch()
    looking.seen.forget[0] = math.nan
    assert looking.collapsed()


@pytest.mark.parametrize(("retain_weight", "looks"), [(1.0, 5), (0.0, 1)])
def test_what_is_nearly_lost_gets_some_steps_to_come_back_if_any_pass_can_bring_it_back(retain_weight, looks):
    looking = watch(retain_weight=retain_weight)
    looking._kept_probability = lambda: 0.1 * looking._original
    for _ in range(looks):
        assert not looking.collapsed()
        looking.look_at_utility()
        assert looking.pushed([0, 1, 2], 0) == []
    assert looking.collapsed()


def test_pushing_goes_on_when_the_utility_is_above_its_floor_and_not_before():
    looking = watch()
    looking.seen.level, looking.seen.least = 99.0, 98.0
    for utility, rows in ((0.2, []), (0.5, []), (0.95, [0, 1, 2]), (0.5, [0, 1, 2])):
        looking._kept_probability = lambda utility=utility: utility * looking._original
        looking.look_at_utility()
        assert looking.pushed([0, 1, 2], 0) == rows


def test_a_level_may_be_given_as_that_of_a_retrained_reference():
    looking = watch(target_nll=3.0)
    assert (looking.seen.level, looking.seen.least) == (3.0, 1.5)
