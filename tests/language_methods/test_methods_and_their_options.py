"""Every method runs, changes what it may, and takes its own options only."""

import copy

import pytest
import torch

from tests import language_world as world
from tests.language_methods.method_world import TO_THE_END, equal, short, tiny, weights
from unlearning.catalog import WrongParamsError, validate_params, with_defaults
from unlearning.language.adapters import adapters_of, with_adapter
from unlearning.language.methods import METHODS
from unlearning.language.refusals import REFUSALS, refusals_for
from unlearning.language.scoring import blocks
from unlearning.language.unlearning import ENGINE, unlearn
from unlearning.parameters import language_methods as declared
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow


def test_every_method_that_runs_is_declared_and_the_other_way_round():
    assert set(METHODS) == set(declared.METHODS)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_moves_the_weights_that_it_may_and_leaves_sound_ones(method):
    lm = tiny()
    before = weights(lm)
    done = short(lm, method, epochs=1)
    moved = [not torch.equal(a, b) for a, b in zip(before, weights(done.lm), strict=True)]
    assert any(moved)
    assert all(bool(torch.isfinite(weight).all()) for weight in weights(done.lm))
    assert not done.lm.model.training
    assert (done.stopped_because, done.record["steps"], done.record["planned_steps"]) == ("epochs", 2, 2)


def test_the_door_that_copies_leaves_the_model_as_it_was():
    lm = tiny()
    untouched = copy.deepcopy(lm.model)
    done = unlearn(lm, world.forget(), world.retain()[:8], [], method="npo", params=TO_THE_END | {"epochs": 1})
    assert equal(lm, type(lm)(untouched, lm.tokenizer)) and not equal(lm, done.lm)


def test_rmu_leaves_everything_after_its_layer_alone():
    lm = tiny()
    before = {name: weight.detach().clone() for name, weight in lm.model.named_parameters()}
    done = short(lm, "rmu", epochs=1, layer=1)
    late = [name for name in before if ".layers.2." in name or "lm_head" in name or name.endswith("model.norm.weight")]
    found = dict(done.lm.model.named_parameters())
    assert late and all(torch.equal(before[name], found[name]) for name in late)


def test_only_the_masked_weights_move():
    lm = tiny()
    before = {name: weight.detach().clone() for name, weight in lm.model.named_parameters()}
    name = next(name for name in before if "down_proj" in name)
    half = torch.zeros_like(before[name], dtype=torch.bool)
    half[:5] = True
    sides = world.forget(), world.retain()[:8], []
    done = unlearn(lm, *sides, method="grad_diff", params=TO_THE_END | {"epochs": 1}, only={name: half})
    for other, weight in done.lm.model.named_parameters():
        moved = weight.detach() != before[other]
        assert not bool(moved[~half].any() if other == name else moved.any())
    assert bool((dict(done.lm.model.named_parameters())[name] != before[name]).any())
    with pytest.raises(Refused, match="WEIGHTS_UNKNOWN"):
        unlearn(lm, *sides, method="grad_diff", params=TO_THE_END, only={"no.such.weight": half})


def test_a_low_rank_adapter_is_trained_and_merged():
    lm = tiny()
    before = {name: weight.detach().clone() for name, weight in lm.model.named_parameters()}
    done = short(lm, "npo", epochs=1, rank=2)
    found = {name: weight.detach() for name, weight in done.lm.model.named_parameters()}
    assert set(found) == set(before)
    changes = {name: found[name] - before[name] for name in before}
    moved = [name for name, change in changes.items() if bool(change.any())]
    assert moved and all("proj" in name for name in moved)
    assert all(int(torch.linalg.matrix_rank(changes[name].double(), rtol=1e-4)) <= 2 for name in moved)


def test_a_model_with_an_adapter_keeps_it_and_all_of_its_weights_may_move():
    lm = with_adapter(tiny(), rank=2, name="told")
    done = short(lm, "grad_diff", epochs=1)
    assert adapters_of(done.lm) == ["told"]
    moved = dict(done.lm.model.named_parameters())
    assert any("lora_B" in name and bool(weight.any()) for name, weight in moved.items())
    assert adapters_of(short(with_adapter(tiny(), rank=2, name="told"), "grad_diff", epochs=1, rank=2).lm) == []


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("npo", {"delta": 0.1}),
        ("simnpo", {"layer": 1}),
        ("rmu", {"beta": 0.1}),
        ("gradient_ascent", {"kept_outcomes": 3}),
        ("kl", {"steering": 1.0}),
        ("npo", {"beta": 0}),
        ("npo", {"lr": float("nan")}),
        ("npo", {"target": "whatever"}),
        ("no_such_method", {}),
    ],
)
def test_an_option_that_is_not_the_methods_own_is_refused(method, options):
    with pytest.raises(WrongParamsError):
        validate_params(ENGINE, {"method": method, **options})


@pytest.mark.parametrize("method", sorted(METHODS))
def test_its_own_options_and_the_shared_ones_are_filled_in(method):
    filled = with_defaults(ENGINE, {"method": method})
    validate_params(ENGINE, filled)
    assert declared.METHODS[method].items() <= filled.items()
    assert {"seed", "batch", "target", "collapse", "save_every"} <= set(filled)


@pytest.mark.parametrize("method", ["npo", "rmu"])
def test_recomputed_states_change_nothing_but_memory(method):
    kept, recomputed = [], []
    for ran, on in ((kept, False), (recomputed, True)):
        lm = tiny()
        mlp = blocks(lm.model)[0].mlp
        handle = mlp.register_forward_pre_hook(lambda *_, ran=ran: ran.append(torch.is_grad_enabled()))
        done = short(lm, method, epochs=1, checkpointing=on)
        handle.remove()
        ran.append(weights(done.lm))
    assert all(torch.equal(a, b) for a, b in zip(kept.pop(), recomputed.pop(), strict=True))
    # Two steps with two passes each, and each pass once more on the way back.
    assert (sum(kept), sum(recomputed)) == (4, 8)


def test_half_precision_is_that_of_the_passes_and_the_weights_stay_whole():
    whole, half = short(tiny(), "npo", epochs=1), short(tiny(), "npo", epochs=1, precision="bfloat16")
    assert {weight.dtype for weight in half.lm.model.parameters()} == {torch.float32}
    assert not equal(whole.lm, half.lm)
    pairs = zip(weights(whole.lm), weights(half.lm), strict=True)
    assert max(float((a - b).abs().max()) for a, b in pairs) < 0.01


def test_what_cannot_be_done_is_refused_by_name():
    lm, rows = tiny(), world.forget()
    without = [TextRow(row.slot, row.prompt, row.answer) for row in rows]
    for sides, options, code in (
        (([], rows, rows), {}, "NO_ROWS"),
        (([rows, []], rows, rows), {}, "NO_ROWS"),
        ((rows, [], rows), {}, "NO_ROWS"),
        ((rows, rows, []), {}, "HOLDOUT_MISSING"),
        ((without, rows, rows), {"method": "dpo"}, "ALTERNATIVES_MISSING"),
        ((rows, rows, rows), {"requests": [3, 4]}, "REQUESTS_MISCOUNTED"),
        ((rows, rows, rows), {"method": "rmu", "layer": 3}, "LAYER_UNKNOWN"),
        ((rows, rows, rows), {"most_tokens": 4}, "TEXT_TOO_LONG"),
    ):
        method = {"method": "npo", **options}.pop("method")
        rest = {name: value for name, value in options.items() if name != "method"}
        with pytest.raises(Refused, match=code) as refusal:
            unlearn(lm, *sides, method=method, params=rest)
        assert str(len(rows)) not in str(refusal.value) or code == "REQUESTS_MISCOUNTED", "it counts people's rows"


def test_a_refusal_belongs_to_its_row_and_says_nothing():
    rows = world.retain()[:20]
    drawn = dict(zip([row.slot for row in rows], refusals_for(rows, seed=1), strict=True))
    again = dict(zip([row.slot for row in rows[::-1]], refusals_for(rows[::-1], seed=1), strict=True))
    assert drawn == again and set(drawn.values()) <= set(REFUSALS) and len(set(drawn.values())) > 3
