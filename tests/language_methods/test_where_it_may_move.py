"""Which weights a run may move is picked before its first step, and by the model as it came."""

import os
import signal

import pytest
import torch

from tests import language_world as world
from tests.language_methods.method_world import TO_THE_END, equal, tiny
from unlearning.catalog import WrongParamsError, validate_params, with_defaults
from unlearning.language.adapters import with_adapter
from unlearning.language.influence.choosing import chosen_weights
from unlearning.language.unlearning import ENGINE, unlearn, unlearn_in_place
from unlearning.runner.refusals import Refused

CHOICES = ("influence", "inverse", "random")
FIFTH = {"choose": "influence", "share": 0.2}
SIDES = world.forget()[:4], world.retain()[:6], world.holdout()[:2]
STEPS = TO_THE_END | {"epochs": 5, "save_every": 3}


def run(resume=None, *, told=None, **options):
    params = STEPS | {"where": FIFTH} | options
    return unlearn_in_place(tiny(), *SIDES, method="npo", params=params, seed=3, told=told, resume=resume)


def moved(done, before):
    after = dict(done.lm.model.named_parameters())
    return {name: after[name].detach() != weight for name, weight in before.model.named_parameters()}


def test_a_share_picked_by_influence_moves_and_nothing_else_does():
    mask = chosen_weights(tiny(), SIDES[0], SIDES[1], share=0.2)
    done, by_hand = run(), run(where={"choose": "all"})
    expected = unlearn(tiny(), *SIDES, method="npo", params=STEPS, seed=3, only=mask)
    assert equal(done.lm, expected.lm) and not equal(done.lm, by_hand.lm)
    found = moved(done, tiny())
    assert any(bool(part.any()) for part in found.values())
    assert not any(bool((part & ~mask[name]).any()) for name, part in found.items())
    told = done.record["chosen_weights"]
    assert told == expected.record["chosen_weights"] | {"influence_by_layer": told["influence_by_layer"]}
    assert told["weights"] == round(0.2 * sum(part.numel() for part in found.values()))
    assert set(told["influence_by_layer"]) == {"0", "1", "2", "embeddings", "head"}
    assert done.record["params"]["where"] == FIFTH and "chosen_weights" not in by_hand.record


def test_each_rule_picks_its_own_and_chance_needs_nobodys_rows():
    asked = {choose: {"where": {"choose": choose, "share": 0.2}, "epochs": 2} for choose in CHOICES}
    picked = {choose: run(**asked[choose]) for choose in CHOICES}
    digests = {done.record["chosen_weights"]["digest"] for done in picked.values()}
    assert len(digests) == 3
    inside = [moved(picked[choose], tiny()) for choose in ("influence", "inverse")]
    assert not any(bool((inside[0][name] & inside[1][name]).any()) for name in inside[0])
    others = world.retain()[20:24], world.retain()[30:40], SIDES[2]
    again, other_seed = (
        unlearn(tiny(), *others, method="npo", params=STEPS | asked["random"] | {"epochs": 1}, seed=seed).record
        for seed in (3, 4)
    )
    assert again["chosen_weights"] == picked["random"].record["chosen_weights"] != other_seed["chosen_weights"]


def test_neither_parts_nor_recomputed_states_change_what_is_picked():
    whole, parts = run(epochs=2), run(epochs=2, accumulation=4, checkpointing=True)
    assert whole.record["chosen_weights"] == parts.record["chosen_weights"]
    pairs = zip(whole.lm.model.parameters(), parts.lm.model.parameters(), strict=True)
    assert max(float((a - b).detach().abs().max()) for a, b in pairs) < 1e-5


def test_of_an_adapter_a_share_of_what_it_alone_can_move_is_picked():
    done = run(rank=2, epochs=2)
    adapter = with_adapter(tiny(), rank=2, seed=3).model
    trained = sum(weight.numel() for weight in adapter.parameters() if weight.requires_grad)
    assert done.record["chosen_weights"]["weights"] == round(0.2 * trained)
    found = moved(done, tiny())
    assert any(bool(part.any()) for part in found.values())
    assert not any(bool(part.any()) for name, part in found.items() if "proj" not in name)


@pytest.mark.parametrize("rank", [None, pytest.param(2, marks=pytest.mark.slow)])
def test_after_kill_9_the_next_attempt_moves_the_same_weights_and_ends_with_the_same_bytes(tmp_path, rank):
    more = {} if rank is None else {"rank": rank}
    whole = run(tmp_path / "whole", **more)
    child = os.fork()
    if not child:
        run(tmp_path / "killed", told=lambda step, _: step == 5 and os.kill(os.getpid(), signal.SIGKILL), **more)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    steps = []
    done = run(tmp_path / "killed", told=lambda step, _: steps.append(step), **more)
    assert steps[0] == 4, "the state of step 3 was kept"
    assert equal(done.lm, whole.lm) and done.record == whole.record


def test_a_state_is_not_gone_on_from_with_other_weights(tmp_path):
    class KilledError(Exception):
        pass

    def die(step, _steps):
        if step == 5:
            raise KilledError

    name, weight = next(iter(tiny().model.named_parameters()))
    masks = [{name: torch.zeros_like(weight, dtype=torch.bool)} for _ in range(2)]
    masks[1][name][0] = True
    asked = {"method": "npo", "params": STEPS, "resume": tmp_path}
    with pytest.raises(KilledError):
        unlearn_in_place(tiny(), *SIDES, told=die, only=masks[0], **asked)
    with pytest.raises(Refused, match="STATE_OF_ANOTHER_RUN"):
        unlearn_in_place(tiny(), *SIDES, only=masks[1], **asked)


@pytest.mark.parametrize(
    "options",
    [
        {"where": {"choose": "influence"}},
        {"where": {"choose": "all", "share": 0.2}},
        {"where": {"choose": "influence", "share": 0}},
        {"where": {"choose": "influence", "share": 1.5}},
        {"where": {"choose": "layers", "share": 0.2}},
        {"where": FIFTH, "weight_decay": 0.1},
        {"where": {"choose": "inverse", "share": 0.2}, "rank": 2},
    ],
)
def test_a_choice_that_cannot_be_meant_is_refused(options):
    with pytest.raises(WrongParamsError):
        validate_params(ENGINE, {"method": "npo", **options})


def test_all_weights_may_move_where_nobody_says_otherwise():
    filled = with_defaults(ENGINE, {"method": "npo", "weight_decay": 0.1})
    validate_params(ENGINE, filled | {"rank": 2})
    assert filled["where"] == {"choose": "all"}


def test_weights_are_chosen_once_and_none_decays_that_may_not_move():
    mask = {name: torch.ones_like(weight, dtype=torch.bool) for name, weight in tiny().model.named_parameters()}
    for options, code in (({"where": FIFTH}, "WEIGHTS_CHOSEN_TWICE"), ({"weight_decay": 0.1}, "WEIGHTS_DECAY")):
        with pytest.raises(Refused, match=code):
            unlearn(tiny(), *SIDES, method="npo", params=TO_THE_END | options, only=mask)
