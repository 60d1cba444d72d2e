"""Files that are no sound model are refused before anything of them is run."""

import json
import shutil

import pytest
import torch
from safetensors.torch import save_file

from tests import language_world as world
from unlearning.language import packing
from unlearning.language.models import fresh_llama, load, save_folder, save_packed
from unlearning.language.tokenizers import trained_tokenizer
from unlearning.runner.refusals import Refused


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A folder of a tiny model, and the same packed."""
    place = tmp_path_factory.mktemp("sound")
    lm = fresh_llama(trained_tokenizer(["a"], vocabulary=270), width=8, layers=1, heads=2, seed=0)
    save_folder(place / "folder", lm)
    save_packed(place / "packed", lm)
    return place


def refused(path):
    with pytest.raises(Refused) as found:
        load(path)
    return found.value.code


def repacked(sound, path, change):
    document, tensors = packing.read(sound / "packed")
    change(document, tensors)
    save_file(tensors, path, metadata={"obelus": json.dumps(document)})
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda document, tensors: document.update(format="obelus/network/1"),
        lambda document, tensors: document.update(more=1),
        lambda document, tensors: document.pop("adapters"),
        lambda document, tensors: document["config"].pop("model_type"),
        lambda document, tensors: document["config"].update(model_type="obelus"),
        lambda document, tensors: document["config"].update(auto_map={"AutoModelForCausalLM": "evil.Model"}),
        lambda document, tensors: document["config"].update(hidden_size=10**6),
        lambda document, tensors: document["config"].update(num_hidden_layers=2),
        lambda document, tensors: document["config"].update(num_hidden_layers=10**9),
        lambda document, tensors: document["config"].update(vocab_size=3),
        lambda document, tensors: tensors.pop("lm_head.weight"),
        lambda document, tensors: tensors.update(extra=torch.zeros(1)),
        lambda document, tensors: tensors.update({"adapter:ghost:x": torch.zeros(1)}),
        lambda document, tensors: tensors.update({"lm_head.weight": torch.full((270, 8), float("nan"))}),
        lambda document, tensors: tensors.update({"lm_head.weight": torch.zeros(270, 8, dtype=torch.int64)}),
        lambda document, tensors: tensors.update({"lm_head.weight": torch.zeros(8, 270)}),
        lambda document, tensors: document["adapters"].update(one={"rank": 2, "alpha": 1.0, "targets": ["q_proj"]}),
        lambda document, tensors: document["adapters"].update(one={"rank": 2}),
    ],
)
def test_a_packed_file_that_lies_is_refused(sound, tmp_path, change):
    assert refused(repacked(sound, tmp_path / "bad", change)) == "MODEL_UNREADABLE"


def test_what_is_no_packed_file_is_refused(sound, tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "pickle")
    (tmp_path / "empty").write_bytes(b"")
    save_file({"a": torch.zeros(1)}, tmp_path / "bare")
    for name in ("pickle", "empty", "bare", "absent"):
        assert refused(tmp_path / name) == "MODEL_UNREADABLE"


def altered(sound, tmp_path, name, **entries):
    folder = tmp_path / "folder"
    shutil.copytree(sound / "folder", folder)
    document = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(document | entries))
    return folder


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("config.json", {"auto_map": {"AutoModelForCausalLM": "evil.Model"}}),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["evil.Tokenizer", None]}}),
        ("config.json", {"num_hidden_layers": 2}),
        ("config.json", {"num_hidden_layers": 0}),
        ("config.json", {"hidden_size": 16}),
        ("tokenizer.json", {"model": {}}),
    ],
)
def test_a_folder_with_code_or_with_other_weights_is_refused(sound, tmp_path, name, entries):
    assert refused(altered(sound, tmp_path, name, **entries)) == "MODEL_UNREADABLE"


def test_a_folder_of_pickled_weights_is_refused_even_beside_its_tokenizer(sound, tmp_path):
    folder = tmp_path / "folder"
    shutil.copytree(sound / "folder", folder)
    state = torch.zeros(1)
    torch.save({"x": state}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert refused(folder) == "MODEL_UNREADABLE"


def test_a_link_that_leaves_the_folder_is_refused(sound, tmp_path):
    folder = tmp_path / "folder"
    shutil.copytree(sound / "folder", folder)
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to(sound / "folder" / "model.safetensors")
    assert refused(folder) == "MODEL_UNREADABLE"


def test_a_model_with_weights_that_are_no_numbers_is_refused_in_a_folder_too(tmp_path):
    lm = world.untrained()
    with torch.no_grad():
        lm.model.lm_head.weight[0, 0] = float("inf")
    save_folder(tmp_path, lm)
    assert refused(tmp_path) == "MODEL_UNREADABLE"
    with pytest.raises(Refused, match="ARCHITECTURE_INVALID"):
        fresh_llama(world.tokenizer(), width=9, layers=1, heads=3, seed=0)


def test_a_model_is_read_in_half_precision_where_asked(sound):
    assert {value.dtype for value in load(sound / "packed", dtype="bfloat16").model.parameters()} == {torch.bfloat16}
    assert {value.dtype for value in load(sound / "folder", dtype="bfloat16").model.parameters()} == {torch.bfloat16}
