"""LoRA adapters: no change at first, each droppable by itself, and kept apart in a packed file."""

import pytest
import torch

from tests import language_world as world
from unlearning.language.adapters import adapters_of, dropped, merged, use, with_adapter
from unlearning.language.batching import collated
from unlearning.language.encoding import encode
from unlearning.language.models import fresh_llama, load, save_folder, save_packed
from unlearning.language.scoring import answer_nll
from unlearning.language.training import checkpointing, fit
from unlearning.runner.refusals import Refused

FAST = {"epochs": 2, "batch": 8, "lr": 1e-2, "weight_decay": 0.0, "seed": 0, "template": "plain"}


def small(seed=0):
    return fresh_llama(world.tokenizer(), width=16, layers=2, heads=2, seed=seed)


def score(lm):
    batch = collated(encode(lm.tokenizer, world.forget(), template="plain", most_tokens=128))
    with torch.no_grad():
        return answer_nll(lm.model, batch)[0]


def two_adapters():
    """A model with two adapters, each trained alone on another author."""
    lm = small()
    for at, name in enumerate(("ad_one", "ad_two")):
        lm = with_adapter(lm, rank=2, alpha=4.0, seed=at, name=name)
        fit(lm, world.authors()[at].rows, **FAST)
    use(lm, ["ad_one", "ad_two"])
    return lm


def test_a_fresh_adapter_changes_nothing_and_a_trained_one_moves_only_itself():
    plain = small()
    before = score(plain)
    lm = with_adapter(plain, rank=2, alpha=4.0, seed=0, name="ad_one")
    assert torch.equal(score(lm), before)
    base = {name: value.clone() for name, value in lm.model.named_parameters() if ".lora_" not in name}
    fit(lm, world.forget(), **FAST)
    assert not torch.equal(score(lm), before)
    assert all(torch.equal(value, dict(lm.model.named_parameters())[name]) for name, value in base.items())


def test_a_dropped_adapter_leaves_the_model_it_would_have_been_without_it():
    lm = two_adapters()
    use(lm, ["ad_two"])
    only_second = score(lm)
    use(lm, ["ad_one", "ad_two"])
    assert not torch.allclose(score(lm), only_second)
    lm = dropped(lm, "ad_one")
    assert adapters_of(lm) == ["ad_two"]
    assert torch.equal(score(lm), only_second)
    lm = dropped(lm, "ad_two")
    assert adapters_of(lm) == []
    assert torch.equal(score(lm), score(small()))


def test_when_the_first_of_several_is_dropped_the_others_are_asked_as_before():
    lm = small()
    for at, name in enumerate(("ad_one", "ad_two", "ad_three")):
        lm = with_adapter(lm, rank=2, alpha=4.0, seed=at, name=name)
    use(lm, adapters_of(lm))
    lm = dropped(lm, "ad_one")
    assert adapters_of(lm) == ["ad_two", "ad_three"]
    assert lm.model.get_base_model() is not None
    assert torch.equal(score(lm), score(small()))


def test_a_packed_file_keeps_adapters_apart_and_dropping_one_leaves_no_trace_of_it(tmp_path):
    lm = two_adapters()
    save_packed(tmp_path / "both", lm)
    again = load(tmp_path / "both")
    assert adapters_of(again) == ["ad_one", "ad_two"]
    assert torch.equal(score(again), score(lm))
    save_packed(tmp_path / "again", again)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "both").read_bytes()
    save_packed(tmp_path / "one", dropped(again, "ad_one"))
    assert b"ad_one" not in (tmp_path / "one").read_bytes()
    alone = with_adapter(small(), rank=2, alpha=4.0, seed=1, name="ad_two")
    fit(alone, world.authors()[1].rows, **FAST)
    save_packed(tmp_path / "alone", alone)
    assert (tmp_path / "alone").read_bytes() == (tmp_path / "one").read_bytes()


def test_merging_adds_the_adapters_that_are_on_to_the_weights():
    lm = two_adapters()
    before = score(lm)
    plain = merged(lm)
    assert adapters_of(plain) == []
    assert torch.allclose(score(plain), before, atol=1e-3)


def test_every_adapter_gets_a_gradient_with_checkpointing_and_the_same_one_as_without():
    lm = with_adapter(small(), rank=2, alpha=4.0, seed=0)
    batch = collated(encode(lm.tokenizer, world.forget(), template="plain", most_tokens=128))
    found = {}
    for on in (False, True):
        lm.model.zero_grad()
        lm.model.train()
        with checkpointing(lm, on=on):
            answer_nll(lm.model, batch)[0].sum().backward()
        found[on] = {name: value.grad for name, value in lm.model.named_parameters() if value.requires_grad}
    # B starts at zero, so that A has a gradient of zero in the first step; it must have one all the same.
    assert found[True] and all(value is not None for value in found[True].values())
    assert all(bool(value.abs().sum() > 0) for name, value in found[True].items() if "lora_B" in name)
    assert all(torch.allclose(value, found[False][name], atol=1e-6) for name, value in found[True].items())


def test_a_folder_of_adapters_beside_their_model_is_read(tmp_path):
    lm = small()
    save_folder(tmp_path, lm)
    lm = with_adapter(lm, rank=2, alpha=4.0, seed=0)
    fit(lm, world.forget(), **FAST)
    lm.model.save_pretrained(tmp_path)
    again = load(tmp_path)
    assert adapters_of(again) == ["default"]
    assert torch.allclose(score(again), score(lm), atol=1e-5)
    with pytest.raises(Refused, match="NOTHING_TO_TRAIN"):
        fit(again, world.forget(), **FAST)
    assert torch.allclose(score(dropped(again, "default")), score(small()), atol=1e-5)


def test_an_adapter_name_that_is_taken_or_unknown_is_refused():
    lm = with_adapter(small(), rank=2, name="ad_one")
    with pytest.raises(Refused) as taken:
        with_adapter(lm, rank=2, name="ad_one")
    with pytest.raises(Refused) as unknown:
        dropped(lm, "ad_two")
    assert (taken.value.code, unknown.value.code) == ("ADAPTER_REPEATED", "ADAPTER_UNKNOWN")


def test_an_adapter_called_after_a_part_of_the_model_frees_no_weight_of_it():
    lm = with_adapter(small(), rank=2, name="model")
    assert all("lora_" in name for name, value in lm.model.named_parameters() if value.requires_grad)
    for name in ("a.b", "a:b", "", "x" * 64):
        with pytest.raises(Refused, match="ADAPTER_UNSUITABLE"):
            with_adapter(lm, rank=2, name=name)
    with pytest.raises(Refused, match="ADAPTER_UNSUITABLE"):
        with_adapter(small(), rank=2, targets=["no_such_layer"])
