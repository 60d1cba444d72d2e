"""Engines language.train and language.references: what they read, what they write, and what they refuse."""

import json

import pytest
import torch

from tests import language_world as world
from unlearning.catalog import with_defaults
from unlearning.language import reference_child
from unlearning.language.adapters import adapters_of
from unlearning.language.authors import made_authors
from unlearning.language.batching import collated
from unlearning.language.encoding import encode
from unlearning.language.models import load, save_packed
from unlearning.language.scoring import answer_nll
from unlearning.language.tokenizers import save_tokenizer, tokenizer_document
from unlearning.parameters.language import PRESETS
from unlearning.runner import jobfolder
from unlearning.runner.refusals import Refused
from unlearning.texts import write_texts

SMALL = {"width": 16, "layers": 1, "heads": 2, "vocabulary": 300, "epochs": 2, "batch": 4}
KEPT = {"retain": {"texts": list(range(4, 12))}}


@pytest.fixture
def texts(tmp_path):
    rows = [row for author in made_authors(authors=3, questions=4, seed=0) for row in author.rows]
    write_texts(tmp_path / "texts", rows)
    return tmp_path / "texts"


@pytest.fixture
def train(lay_out, run_here, texts):
    def do(params, engine="language.train", manifests=KEPT, **inputs):
        folder = lay_out(engine, {**SMALL, **params}, inputs={"texts": texts, **inputs}, manifests=manifests)
        run_here(folder)
        return folder

    return do


def bytes_of(folder):
    return (folder / "weights" / "model.safetensors").read_bytes()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(train):
    assert bytes_of(train({"seed": 1})) == bytes_of(train({"seed": 1}))
    assert bytes_of(train({"seed": 1})) != bytes_of(train({"seed": 2}))


def test_a_row_outside_the_manifest_changes_nothing_not_even_the_vocabulary(train, texts):
    before = bytes_of(train({}))
    rows = [row for author in made_authors(authors=3, questions=4, seed=9) for row in author.rows]
    mine = [row for author in made_authors(authors=3, questions=4, seed=0) for row in author.rows]
    write_texts(texts, rows[:4] + mine[4:])
    assert bytes_of(train({})) == before


def test_references_are_the_trainings_of_their_seeds_to_the_byte(train, lay_out, texts, tmp_path):
    params = {**SMALL, "seeds": [4, 7], "until_nll": 100.0}
    folder = lay_out("language.references", params, inputs={"texts": texts}, manifests=KEPT)
    reference_child.train_all(folder, tmp_path / "out", [4, 7])
    for seed in (4, 7):
        alone = train({"seed": seed, "until_nll": 100.0})
        assert bytes_of(alone) == (tmp_path / "out" / f"seed_{seed}" / "model.safetensors").read_bytes()


def test_when_a_training_knew_its_rows_is_not_told(train, monkeypatch):
    """The result outlives rows that are erased later, and how soon they were learned is measured on them."""
    outcomes, committed = [], jobfolder.commit
    monkeypatch.setattr(jobfolder, "commit", lambda folder, done: (outcomes.append(done), committed(folder, done)))
    train({"until_nll": 100.0})
    assert outcomes[0].outputs == {"rows": 8}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_references_come_from_real_children_and_every_epoch_is_counted(lay_out, start_job, texts):
    params = {**SMALL, "seeds": [4, 7, 9], "until_nll": 100.0, "cores": 2}
    folder = lay_out("language.references", params, inputs={"texts": texts}, manifests=KEPT)
    runner = start_job(folder)
    # Three processes load transformers here: on a busy machine that alone passes the minute that others wait.
    assert runner.wait(timeout=200) == 0, runner.stderr.read()
    runner.stdin.close()
    assert {path.parent.name for path in (folder / "weights").rglob("*.safetensors")} == {"seed_4", "seed_7", "seed_9"}
    lines = [json.loads(line) for line in (folder / "progress.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] == lines[-1]["steps"] == 6


def test_a_given_tokenizer_is_used_as_it_is(train, tmp_path):
    save_tokenizer(tmp_path / "tokenizer", world.tokenizer())
    made = load(train({}, tokenizer=tmp_path / "tokenizer") / "weights")
    assert tokenizer_document(made.tokenizer) == tokenizer_document(world.tokenizer())


def test_a_base_is_trained_on_and_an_adapter_leaves_its_weights_alone(train, tmp_path, lay_out, run_here, texts):
    save_packed(tmp_path / "base", world.untrained())
    params = {"epochs": 1, "adapter": {"name": "person_7", "rank": 2}, "checkpointing": True, "accumulation": 2}
    folder = lay_out("language.train", params, inputs={"texts": texts, "base": tmp_path / "base"}, manifests=KEPT)
    run_here(folder)
    made = load(folder / "weights")
    assert adapters_of(made) == ["person_7"]
    base = world.untrained().model.state_dict()
    inner = made.model.get_base_model().state_dict()
    assert all(value.equal(inner[name if name in inner else base_layer(name)]) for name, value in base.items())


def base_layer(name):
    return name.replace(".weight", ".base_layer.weight")


@pytest.mark.parametrize(
    ("params", "manifests", "code"),
    [
        ({}, {}, "MANIFEST_MISSING"),
        ({}, {"retain": {"texts": [12]}}, "ROW_OUT_OF_RANGE"),
        ({"most_tokens": 8}, KEPT, "TEXT_TOO_LONG"),
        ({"width": 17}, KEPT, "ARCHITECTURE_INVALID"),
        ({"adapter": {"name": "a"}}, KEPT, "BASE_MISSING"),
        ({"lr": 1e30, "epochs": 3}, KEPT, "TRAINING_DIVERGED"),
    ],
)
def test_what_makes_no_training_is_refused_with_a_code(train, params, manifests, code):
    with pytest.raises(Refused) as refused:
        train(params, manifests=manifests)
    assert refused.value.code == code


@pytest.mark.parametrize(("preset", "lr"), [({}, 3e-3), ({"preset": "ci"}, 3e-3), ({"preset": "study"}, 1.5e-3)])
def test_the_step_size_of_a_preset_is_the_one_that_trains_it_and_a_given_one_wins(preset, lr):
    assert with_defaults("language.train", {"epochs": 1, **preset})["lr"] == lr
    assert with_defaults("language.references", {"epochs": 1, "seeds": [1], **preset})["lr"] == lr
    assert with_defaults("language.train", {"epochs": 1, **preset, "lr": 0.5})["lr"] == 0.5


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_preset_study_memorises_ten_authors_with_twenty_questions(train, tmp_path):
    rows = [row for author in made_authors(authors=10, questions=20, seed=0) for row in author.rows]
    write_texts(tmp_path / "texts", rows)
    sizes = {**PRESETS["study"], "lr": 1.5e-3, "batch": 16, "epochs": 60, "until_nll": 0.03}
    lm = load(train(sizes, manifests={"retain": {"texts": list(range(200))}}) / "weights")
    with torch.no_grad():
        sums_B, counts_B = answer_nll(lm.model, collated(encode(lm.tokenizer, rows, template="plain", most_tokens=128)))
    assert float(sums_B.sum() / counts_B.sum()) < 0.05
    assert float(torch.exp(-sums_B / counts_B).mean()) > 0.95


def test_a_base_beside_sizes_of_its_own_is_refused(train, tmp_path):
    save_packed(tmp_path / "base", world.untrained())
    with pytest.raises(Refused) as refused:
        train({}, base=tmp_path / "base")
    assert refused.value.code == "INPUTS_CONFLICT"
