"""Any causal language model: the head on answer tokens alone gives what the whole model would have given."""

import pytest
import torch
from torch.nn import functional
from transformers import AutoConfig

from tests import language_world as world
from unlearning.language.batching import collated
from unlearning.language.encoding import encode
from unlearning.language.models import LanguageModel, fresh, load, parameters_of, save_folder, save_packed, sound
from unlearning.language.scoring import answer_logits, answer_nll, blocks, body, hidden, looks_back_only
from unlearning.language.training import checkpointing, fit
from unlearning.runner.refusals import Refused

_SIZES = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2}
_GROUPED = {**_SIZES, "num_key_value_heads": 1, "head_dim": 8}
MADE = {
    "llama": {**_GROUPED, "tie_word_embeddings": False},
    "llama tied": {**_GROUPED, "tie_word_embeddings": True},
    "gpt2": {"n_embd": 16, "n_layer": 3, "n_head": 2, "n_positions": 128},
    # Windows shorter than the rows, in every layer: unmasked they must not look farther.
    "qwen2": {
        **{**_GROUPED, "tie_word_embeddings": True},
        **{"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 0},
    },
    "gemma2": {**_GROUPED, "final_logit_softcapping": 3.0},
    "cohere": {**_GROUPED, "logit_scale": 0.25},
    "granite": {**_GROUPED, "logits_scaling": 8.0},
    "gpt_neox": {**_SIZES, "tie_word_embeddings": False},
}


def made(name):
    config = AutoConfig.for_model(name.split()[0], vocab_size=len(world.tokenizer()), **MADE[name])
    return fresh(config, world.tokenizer(), seed=0)


def batch():
    return collated(encode(world.tokenizer(), world.forget()[:4], template="plain", most_tokens=128))


@pytest.mark.parametrize("name", MADE)
def test_answer_logits_are_those_of_the_whole_model(name):
    lm, given = made(name), batch()
    logits_KV, targets_K, owner_K = answer_logits(lm.model, given)
    whole_BTV = lm.model(input_ids=given.ids_BT, attention_mask=given.mask_BT).logits
    places = given.answers_BT.nonzero()
    expected_KV = torch.stack([whole_BTV[row, at - 1] for row, at in places])
    assert torch.allclose(logits_KV, expected_KV, atol=1e-5)
    assert torch.equal(targets_K, torch.stack([given.ids_BT[row, at] for row, at in places]))
    assert torch.equal(owner_K, places[:, 0])
    sums_B, counts_B = answer_nll(lm.model, given)
    losses_K = functional.cross_entropy(expected_KV, targets_K, reduction="none")
    assert torch.allclose(sums_B, torch.stack([losses_K[owner_K == row].sum() for row in range(4)]), atol=1e-4)
    assert counts_B.tolist() == [int((owner_K == row).sum()) for row in range(4)]


@pytest.mark.parametrize("name", MADE)
def test_an_early_exit_gives_the_states_of_that_block_and_runs_no_later_one(name):
    lm, given = made(name), batch()
    seen = []
    handles = [
        block.register_forward_hook(
            lambda _, __, out, at=at: seen.append((at, out[0] if isinstance(out, tuple) else out))
        )
        for at, block in enumerate(blocks(lm.model))
    ]
    lm.model(input_ids=given.ids_BT)
    whole = dict(seen)
    for layer in range(3):
        seen.clear()
        found_BTD = hidden(lm.model, given, layer)
        assert [at for at, _ in seen] == list(range(layer + 1))
        assert torch.equal(found_BTD, whole[layer])
    assert len(handles) == len(blocks(lm.model)) == 3
    with pytest.raises(Refused, match="LAYER_UNKNOWN"):
        hidden(lm.model, given, 3)


@pytest.mark.parametrize("name", ["llama tied", "gpt2", "qwen2", "gemma2"])
def test_it_is_packed_and_read_back_with_its_tied_weights(name, tmp_path):
    lm, given = made(name), batch()
    save_packed(tmp_path / "packed", lm)
    save_folder(tmp_path / "folder", lm)
    for path in (tmp_path / "packed", tmp_path / "folder"):
        again = load(path)
        assert parameters_of(again.model) == parameters_of(lm.model)
        assert torch.equal(answer_nll(again.model, given)[0], answer_nll(lm.model, given)[0])
        save_packed(path.with_suffix(".again"), again)
    assert (tmp_path / "packed.again").read_bytes() == (tmp_path / "packed").read_bytes()
    assert (tmp_path / "folder.again").read_bytes() == (tmp_path / "packed").read_bytes()


def test_an_early_exit_can_be_learned_from_with_checkpointing():
    lm, given = made("llama"), batch()
    lm.model.train()
    found = []
    for on in (False, True):
        lm.model.zero_grad()
        with checkpointing(lm, on=on):
            hidden(lm.model, given, 1).square().mean().backward()
        found.append(blocks(lm.model)[0].mlp.up_proj.weight.grad.clone())
        assert blocks(lm.model)[2].mlp.up_proj.weight.grad is None
    assert torch.allclose(found[0], found[1], atol=1e-7)
    assert float(found[0].abs().sum()) > 0


def test_dropout_is_drawn_from_the_seed_and_the_global_generator_is_left_alone():
    torch.manual_seed(7)
    expected = torch.rand(1)
    weights = []
    for noise in (1, 2):
        torch.manual_seed(noise)
        lm = made("gpt2")  # its dropout is .1
        fit(lm, world.forget(), epochs=1, batch=4, lr=1e-3, weight_decay=0.0, seed=3, template="plain")
        weights.append(lm.model.state_dict()["transformer.wte.weight"])
        torch.manual_seed(7)
        fit(made("gpt2"), world.forget()[:1], epochs=1, batch=4, lr=1e-3, weight_decay=0.0, seed=3, template="plain")
        assert torch.equal(torch.rand(1), expected)
    assert torch.equal(*weights)


def test_a_model_that_does_something_unknown_to_its_logits_is_refused():
    lm = made("llama")
    forward = lm.model.forward

    def odd(**inputs):
        found = forward(**inputs)
        found.logits = found.logits + torch.arange(len(world.tokenizer()))
        return found

    lm.model.forward = odd
    with pytest.raises(Refused, match="MODEL_UNSUPPORTED"):
        sound(LanguageModel(lm.model, lm.tokenizer))


def test_no_mask_is_made_because_padding_stands_after_the_tokens():
    lm, given = made("llama"), batch()
    asked = []
    lm.model.model.register_forward_pre_hook(lambda _, __, inputs: asked.append(set(inputs)), with_kwargs=True)
    answer_logits(lm.model, given)
    hidden(lm.model, given, 1)
    assert asked == [{"input_ids", "use_cache"}] * 2


def test_a_model_whose_body_is_not_where_it_says_is_refused_and_not_a_crash():
    lm = made("llama")
    lm.model.base_model_prefix = "language_model"  # as Llama 4 of texts alone
    with pytest.raises(Refused, match="MODEL_UNSUPPORTED"):
        sound(LanguageModel(lm.model, lm.tokenizer))


FORMATS = (torch.float32, torch.bfloat16, torch.float16)


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("looking", [slice(None), slice(2, None)], ids=["every layer", "the last layer"])
def test_a_model_that_looks_ahead_is_refused_in_every_number_format(dtype, looking):
    lm = made("llama")
    for block in list(blocks(lm.model))[looking]:
        block.self_attn.is_causal = False
    with pytest.raises(Refused, match="MODEL_UNSUPPORTED.*causal"):
        sound(LanguageModel(lm.model.to(dtype), lm.tokenizer))


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("name", MADE)
def test_a_causal_model_is_taken_in_every_number_format(name, dtype):
    lm = made(name)
    assert sound(LanguageModel(lm.model.to(dtype), lm.tokenizer)).model.dtype == dtype


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_causal_model_is_taken_where_kernels_round_two_rows_of_a_batch_differently(dtype):
    lm, moved = made("llama"), []
    lm.model.to(dtype)
    for block in blocks(lm.model):
        block.register_forward_hook(lambda _, __, out: a_last_place_apart(out, moved))
    assert looks_back_only(lm.model) and len(moved) == 3
    states = body(lm.model)(input_ids=torch.tensor([[1, 2, 1], [1, 2, 1]]), use_cache=False).last_hidden_state
    assert not torch.equal(*states), "the test of the test: the same tokens have other states"


def a_last_place_apart(out, moved):
    """The second row of a batch in other last places than the first, up or down as a fixed seed tosses."""
    moved.append(out)
    up = torch.randint(0, 2, out.shape, generator=torch.Generator().manual_seed(len(moved))) * 2.0 - 1
    up[0] = 0
    return (out.float() * (1 + torch.finfo(out.dtype).eps * up)).to(out.dtype)
