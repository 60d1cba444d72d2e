"""Files of language models: a packed file and a folder give back the same model, and equal models equal bytes."""

import torch

from tests import language_world as world
from unlearning.language.batching import collated
from unlearning.language.encoding import encode
from unlearning.language.models import fresh_llama, load, save_folder, save_packed
from unlearning.language.scoring import answer_nll


def small(seed=0):
    return fresh_llama(world.tokenizer(), width=16, layers=2, heads=2, seed=seed)


def score(lm):
    with torch.no_grad():
        return answer_nll(lm.model, collated(encode(lm.tokenizer, world.forget(), template="chat", most_tokens=128)))[0]


def test_a_packed_file_and_a_folder_give_the_same_model_back(tmp_path):
    lm = small()
    save_packed(tmp_path / "model.safetensors", lm)
    save_folder(tmp_path / "folder", lm)
    assert torch.equal(score(load(tmp_path / "model.safetensors")), score(lm))
    assert torch.equal(score(load(tmp_path / "folder")), score(lm))


def test_equal_models_are_packed_into_equal_bytes(tmp_path):
    save_packed(tmp_path / "a", small())
    save_packed(tmp_path / "b", load(tmp_path / "a"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
