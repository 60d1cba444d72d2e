"""Adapters of several groups in one training: each learns its own rows, so that one can go as if it had never been."""

import pytest
import torch

from evidence.packed import differences_without
from tests.unlearning.conftest import lay_out
from unlearning.catalog import WrongParamsError, validate_params
from unlearning.language import dropping
from unlearning.language.authors import made_authors
from unlearning.language.grouping import parts_of
from unlearning.language.inputs import texts_of
from unlearning.language.models import PACKED, fresh_llama, save_packed
from unlearning.language.one_training import trained
from unlearning.language.references import run as references
from unlearning.language.tokenizers import trained_tokenizer
from unlearning.runner.jobfolder import read_spec
from unlearning.runner.refusals import Refused
from unlearning.texts import write_texts

__all__ = ["lay_out"]
torch.set_num_threads(1)
ADAPTER = {"name": "house", "rank": 2, "groups": 3}
PARTS = {"house_0": [0, 1, 5], "house_1": [2, 3], "house_2": [4]}


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """Six rows of text and a base of random weights."""
    folder = tmp_path_factory.mktemp("groups")
    rows = [row for author in made_authors(authors=3, questions=2, seed=0) for row in author.rows]
    write_texts(folder / "texts", rows)
    words = [" ".join((row.prompt, row.answer)) for row in made_authors(authors=2, questions=2, seed=9)[0].rows]
    save_packed(
        folder / "base", fresh_llama(trained_tokenizer(words, vocabulary=300), width=16, layers=1, heads=2, seed=0)
    )
    return folder


@pytest.fixture
def job(there, lay_out):
    def do(parts, *, adapter=ADAPTER, engine="language.train", **params):
        rows = sorted({row for part in (parts or PARTS).values() for row in part})
        given = {"parts": parts} if parts else {}
        return lay_out(
            engine,
            {"epochs": 2, "batch": 2, "adapter": adapter, **given, **params},
            inputs={"texts": there / "texts", "base": there / "base"},
            manifests={"retain": {"texts": rows}},
        )

    return do


@pytest.fixture
def train(job, tmp_path):
    def do(parts, name):
        spec = read_spec(job(parts))
        save_packed(tmp_path / name / PACKED, trained(spec, texts_of(spec, "retain"), seed=4)[0])
        return tmp_path / name / PACKED

    return do


def test_a_model_that_lost_a_group_is_the_one_trained_without_it(train, there, tmp_path):
    whole = train(PARTS, "whole")
    without = train({name: rows for name, rows in PARTS.items() if name != "house_1"}, "without")
    said = dropping.drop(
        whole,
        tmp_path / "out",
        adapters=["house_1"],
        forget=[2],
        texts=there / "texts",
        origins=dropping.Origins.of({"base": [], "adapters": PARTS}),
    )
    assert (tmp_path / "out").read_bytes() == without.read_bytes()
    assert (said.lost_rows, said.staying) == (1, ("house_0", "house_2"))
    # Without torch, and by somebody who holds both files: nothing else changed.
    assert differences_without(whole, without, ["house_1"]) == []
    assert differences_without(whole, without, ["house_2"]) != []
    assert differences_without(whole, whole, ["house_1"]) != []
    changed = bytearray(without.read_bytes())
    changed[-1] ^= 1
    (tmp_path / "changed").write_bytes(changed)
    [found] = differences_without(whole, tmp_path / "changed", ["house_1"])
    assert found.endswith("is another")


@pytest.mark.parametrize(
    "parts",
    [
        None,
        {"house_0": [0, 1, 5], "house_1": [2, 3], "other": [4]},
        {"house_0": [0, 1, 5], "house_1": [2, 3, 0], "house_2": [4]},
    ],
)
def test_rows_in_two_groups_or_in_none_are_refused_before_anything_is_trained(job, parts):
    spec = read_spec(job(parts))
    with pytest.raises(Refused) as refusal:
        parts_of(spec, texts_of(spec, "retain"))
    assert refusal.value.code == "PARTS_UNFIT"


def test_one_adapter_takes_no_parts_and_names_are_checked(job):
    spec = read_spec(job({"house_0": [0]}, adapter={"name": "house"}))
    with pytest.raises(Refused, match="one adapter"):
        parts_of(spec, texts_of(spec, "retain"))
    with pytest.raises(WrongParamsError):
        validate_params("language.train", {"epochs": 1, "adapter": ADAPTER, "parts": {"Anna Example": [0]}})


def test_references_refuse_before_a_child_costs_anything(job, lay_out):
    from unlearning.runner.job import Job as EngineJob
    from unlearning.runner.progress import Progress

    folder = job(None, engine="language.references", seeds=[1])
    with pytest.raises(Refused, match="PARTS_UNFIT"):
        references(EngineJob(read_spec(folder), folder, folder, Progress(folder / "p"), lambda _: None))
