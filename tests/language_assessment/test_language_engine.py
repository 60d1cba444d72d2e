"""The engine verify.language: what it writes, what it refuses, and that the same spec gives the same bytes."""

from __future__ import annotations

import json

import pytest
import torch

from tests import language_world as world
from unlearning.catalog import with_defaults
from unlearning.language.models import LanguageModel, fresh_llama, save_packed
from unlearning.language.tokenizers import trained_tokenizer
from unlearning.runner.refusals import Refused
from unlearning.runner.schemas import faults_of
from unlearning.texts import write_texts

ENGINE = "verify.language"
FAST = {"most_new": 4, "seed": 3}


def small(seed: int) -> LanguageModel:
    return fresh_llama(world.tokenizer(), width=16, layers=1, heads=2, seed=seed)


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    """Inputs by name, of models that know nothing: here only the form of the answer is looked at."""
    folder = tmp_path_factory.mktemp("objects")
    write_texts(folder / "texts", [*world.forget(), *world.retain()])
    write_texts(folder / "holdout", world.holdout())
    for name, seed in (("candidate", 1), ("original", 2)):
        save_packed(folder / name / "model.safetensors", small(seed))
    for seed in (3, 4):
        save_packed(folder / "references" / f"seed_{seed}" / "model.safetensors", small(seed))
    return {name: folder / name for name in ("texts", "holdout", "candidate", "original", "references")}


MANIFESTS = {
    "forget": {"texts": list(range(6))},
    "canaries": {"texts": [4, 5]},
    "retain": {"texts": list(range(8, 14))},
    "holdout": {"holdout": list(range(12))},
}


@pytest.fixture
def measure(lay_out, run_here, objects):
    """Run the engine on the files, or on some others, and give folder and lines by name, arm and budget."""

    def run(params=None, *, inputs=None, manifests=None):
        given = {name: path for name, path in (objects | (inputs or {})).items() if path is not None}
        asked = with_defaults(ENGINE, FAST | (params or {}))
        folder = lay_out(ENGINE, asked, inputs=given, manifests=manifests or MANIFESTS)
        run_here(folder)
        document = json.loads((folder / "measurements.json").read_text())
        assert faults_of("measurements", document) == []
        return folder, {(line["name"], line["arm"], line["budget"]): line for line in document["measurements"]}

    return run


def refused(measure, *args, **kwargs):
    with pytest.raises(Refused) as refusal:
        measure(*args, **kwargs)
    return refusal.value


def test_every_arm_is_asked_at_every_budget_row_by_row(measure):
    _, lines = measure()
    assert {arm for name, arm, _ in lines if name == "text.extraction"} == {"A", "B:0", "B:1", "C", "D:0", "D:1", "P"}
    for name, budgets in (
        ("text.extraction", [0.25, 0.5, 0.75]),
        ("text.memorisation", [0.5, 0.75, 0.9]),
        ("text.probability", [0.02, 0.1, 0.5]),
    ):
        assert sorted(b for named, arm, b in lines if (named, arm) == (name, "A")) == budgets
        assert [len(lines[name, arm, budgets[0]]["per_record"]) for arm in ("A", "B:1", "P")] == [4, 4, 4]
        assert [len(lines[name, arm, budgets[0]]["per_record"]) for arm in ("C", "D:0")] == [12, 12]
    assert lines["utility.accuracy", "A", None]["trials"] == 6


def test_canaries_are_nobody_and_stand_apart_from_people(measure):
    _, lines = measure()
    planted = {
        arm: line for (name, arm, budget), line in lines.items() if (name, budget) == ("canary.text.extraction", 0.5)
    }
    assert len(planted["A"]["per_record"]) == 2
    assert {arm for arm, line in planted.items() if line["tier"] == "open"} == {"A", "C"}
    assert lines["text.extraction", "A", 0.5]["tier"] == "sealed"


def test_the_same_spec_gives_the_same_bytes(measure):
    params = {"membership": ["loss", "zlib", "reference", "mink", "minkpp"], "text": ["text.truth_ratio", "text.rouge"]}
    runs = [measure(params)[0] for _ in range(2)]
    assert len({(folder / "measurements.json").read_bytes() for folder in runs}) == 1


def test_attacks_are_made_at_the_precision_that_is_deployed(measure):
    _, lines = measure({"attacks": ["quantised.int8"], "deployed": "bfloat16", "text": ["text.probability"]})
    assert {arm for name, arm, _ in lines if name == "quantised.int8"} == {"A", "B:0", "B:1", "C", "D:0", "D:1", "P"}
    plain = measure({"text": ["text.probability"]})[1]
    here, there = (found["text.probability.score", "A", None]["value"] for found in (lines, plain))
    assert here != there and here == pytest.approx(there, rel=0.05)


def test_general_knowledge_adds_six_parts_to_model_utility(measure, tmp_path):
    for name in ("real_authors", "world_facts"):
        write_texts(tmp_path / name, world.holdout()[40:42])
    _, lines = measure(inputs={name: tmp_path / name for name in ("real_authors", "world_facts")})
    assert len(lines["utility.model", "A", None]["per_record"]) == 9
    assert len(measure()[1]["utility.model", "A", None]["per_record"]) == 3


def test_without_references_the_candidate_is_measured_alone(measure):
    _, lines = measure({"references": "none", "membership": ["loss"]}, inputs={"references": None})
    assert {arm for _, arm, _ in lines} == {"A", "C", "P"}


def test_no_text_is_told_while_it_runs(measure):
    folder, _ = measure()
    told = (folder / "progress.jsonl").read_text() + (folder / "measurements.json").read_text()
    assert "scoring people" in told
    for row in [*world.forget(), *world.holdout()]:
        assert row.answer not in told and row.prompt not in told


def test_what_cannot_be_compared_is_refused(measure, objects, tmp_path):
    assert refused(measure, {"references": "fresh"}, inputs={"references": None}).code == "REFERENCE_MISSING"
    assert refused(measure, {"references": "none"}).code == "REFERENCE_UNASKED"
    twice = {"reference_0": objects["original"], "references": None}
    assert refused(measure, inputs=twice).code == "REFERENCES_ALIKE"
    other = fresh_llama(trained_tokenizer(["other words"], vocabulary=400), width=16, layers=1, heads=2, seed=9)
    save_packed(tmp_path / "other.safetensors", other)
    assert refused(measure, inputs={"candidate": tmp_path / "other.safetensors"}).code == "MODEL_MISMATCH"
    (tmp_path / "no_model").write_bytes(b"no model")
    assert refused(measure, inputs={"candidate": tmp_path / "no_model"}).code == "MODEL_UNREADABLE"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"forget": {}, "canaries": {}}, "NOTHING_TO_TEST"),
        ({"holdout": {}}, "NOTHING_TO_TEST"),
        ({"retain": {}}, "RETAINED_MISSING"),
        ({"retain": {"texts": [0, 9]}}, "MANIFESTS_OVERLAP"),
        ({"holdout": {"holdout": [0, 1, 2]}}, "TOO_FEW_NEVER_SEEN"),
        ({"forget": {"texts": [10_000]}}, "ROW_OUT_OF_RANGE"),
    ],
)
def test_rows_that_do_not_fit_are_refused(measure, changed, code):
    assert refused(measure, {"membership": ["loss"]}, manifests=MANIFESTS | changed).code == code


def test_one_reference_is_no_reference_for_the_reference_test(measure, objects):
    one = {"references": None, "reference_0": objects["references"] / "seed_3"}
    assert refused(measure, {"membership": ["reference"]}, inputs=one).code == "REFERENCES_TOO_FEW"


def test_a_model_that_says_nothing_finite_is_refused_by_never_seen_rows(measure, tmp_path):
    broken = small(1)
    with torch.no_grad():
        broken.model.get_output_embeddings().weight.mul_(1e38)
    save_packed(tmp_path / "broken.safetensors", broken)
    refusal = refused(measure, inputs={"candidate": tmp_path / "broken.safetensors"})
    assert refusal.code == "LOGITS_NOT_FINITE"
    assert all(row.answer not in str(refusal) for row in world.forget())


def test_a_score_that_is_only_reported_has_no_budget(measure):
    _, lines = measure({"text": ["text.rouge"]})
    assert {budget for _, _, budget in lines} == {None}
