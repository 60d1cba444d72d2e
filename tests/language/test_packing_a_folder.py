"""`python -m unlearning pack`: a Hugging Face folder as the one file that the platform takes as a base."""

import pytest
import torch

from governance.lineage.packed_file import packed_document
from tests import language_world as world
from tests.unlearning.conftest import lay_out
from unlearning.__main__ import main
from unlearning.language.adapters import with_adapter
from unlearning.language.inputs import texts_of
from unlearning.language.models import fresh_llama, load, save_folder, save_packed
from unlearning.language.one_training import trained
from unlearning.runner.jobfolder import read_spec
from unlearning.texts import write_texts

__all__ = ["lay_out"]


@pytest.fixture
def folder(tmp_path):
    lm = fresh_llama(world.tokenizer(), width=16, layers=1, heads=2, seed=3)
    save_folder(tmp_path / "folder", lm)
    save_packed(tmp_path / "wanted", lm)
    return tmp_path / "folder"


def test_a_folder_becomes_the_file_that_the_platform_reads_without_torch(folder, tmp_path, capsys):
    assert main(["pack", str(folder), str(tmp_path / "file")]) == 0
    again, wanted = load(tmp_path / "file").model.state_dict(), load(tmp_path / "wanted").model.state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in again.items())
    assert packed_document(tmp_path / "file")["config"]["model_type"] == "llama"
    assert main(["pack", str(folder), str(tmp_path / "file")]) == 64, "never over a file that is there"
    assert "FILE_EXISTS" in capsys.readouterr().err


def test_an_unreadable_folder_is_refused_in_words(tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "config.json").write_text("{}")
    assert main(["pack", str(tmp_path / "folder"), str(tmp_path / "file")]) == 64
    assert "MODEL_UNREADABLE" in capsys.readouterr().err and not (tmp_path / "file").exists()


def test_the_layers_that_get_an_adapter_can_be_named(folder, tmp_path, lay_out):
    write_texts(tmp_path / "texts", world.forget())
    adapter = {"name": "house", "rank": 2, "alpha": 4.0, "targets": ["q_proj", "v_proj"]}
    job = lay_out(
        "language.train",
        {"epochs": 1, "batch": 4, "adapter": adapter},
        inputs={"texts": tmp_path / "texts", "base": tmp_path / "wanted"},
        manifests={"retain": {"texts": [0, 1]}},
    )
    spec = read_spec(job)
    lm, _ = trained(spec, texts_of(spec, "retain"), seed=0)
    moved = {name.split(".")[-4] for name, _ in lm.model.named_parameters() if ".lora_" in name}
    assert moved == {"q_proj", "v_proj"}
    assert with_adapter(load(tmp_path / "wanted"), rank=2).model.peft_config["default"].r == 2
