"""Engine language.unlearn in the job folder."""

import json
import shutil

import pytest

from tests import language_world as world
from tests.language_methods.method_world import TO_THE_END, equal, tiny
from unlearning.language.models import load, save_packed
from unlearning.language.unlearning import unlearn
from unlearning.runner import jobfolder
from unlearning.runner.refusals import Refused
from unlearning.texts import write_texts

OPTIONS = TO_THE_END | {"method": "npo", "seed": 2, "save_every": 1}
SIDES = {"forget": range(8), "retain": range(8, 20), "holdout": range(20, 24)}
ROWS = [*world.forget(), *world.retain()[:12], *world.holdout()[:6]]


@pytest.fixture
def job(lay_out, tmp_path):
    def make(changes=None, manifests=None, **options):
        save_packed(tmp_path / "model.safetensors", tiny())
        write_texts(tmp_path / "texts.parquet", ROWS)
        inputs = {"model": tmp_path / "model.safetensors", "texts": tmp_path / "texts.parquet"}
        listed = {name: {"texts": list(rows)} for name, rows in SIDES.items()} | (manifests or {})
        return lay_out("language.unlearn", OPTIONS | options, inputs=inputs | (changes or {}), manifests=listed)

    return make


def expected():
    options = {name: value for name, value in OPTIONS.items() if name not in ("method", "seed")}
    sides = [[ROWS[row] for row in rows] for rows in SIDES.values()]
    return unlearn(tiny(), *sides, method="npo", params=options, seed=2)


def test_the_engine_does_what_the_python_door_does(job, run_here, monkeypatch):
    laid, outcomes = job(), []
    committed = jobfolder.commit
    monkeypatch.setattr(jobfolder, "commit", lambda folder, done: (outcomes.append(done), committed(folder, done)))
    run_here(laid)
    done, outputs = expected(), outcomes[0].outputs
    assert equal(load(laid / "weights" / "model.safetensors"), done.lm)
    assert json.loads(json.dumps(outputs)) == outputs
    assert outputs["data_order"] == done.record["data_order"] and outputs["stopped_because"] == "epochs"
    assert (outputs["forgotten"], outputs["rows"], outputs["holdout"]) == (8, 12, 4)
    assert outputs["curves"][-1]["step"] == 4 and not (laid / "resume" / "state.safetensors").exists()
    lines = [json.loads(line) for line in (laid / "progress.jsonl").read_text().splitlines()]
    assert (lines[-1]["phase"], lines[-1]["step"], lines[-1]["steps"]) == ("unlearning", 4, 4)


def test_a_new_attempt_with_the_saved_state_ends_with_the_same_bytes(job, run_here, monkeypatch):
    died, again, whole = job(), job(), job()
    run_here(whole)
    monkeypatch.setattr("unlearning.language.resuming.Shelf.clear", lambda _: None)
    run_here(died)
    monkeypatch.undo()
    # What an attempt that died before its end leaves, given to the next one.
    shutil.copytree(died / "resume", again / "resume")
    run_here(again)
    places = [laid / "weights" / "model.safetensors" for laid in (again, whole)]
    assert places[0].read_bytes() == places[1].read_bytes()


@pytest.mark.parametrize(
    ("manifests", "code"),
    [
        ({"retain": {"texts": [7, 8, 9]}}, "MANIFESTS_OVERLAP"),
        ({"holdout": {"texts": [19, 20]}}, "MANIFESTS_OVERLAP"),
        ({"forget": {"texts": [900]}}, "ROW_OUT_OF_RANGE"),
    ],
)
def test_what_cannot_be_meant_is_refused(manifests, code, job, run_here):
    with pytest.raises(Refused, match=code):
        run_here(job(manifests=manifests))


def test_a_drill_can_hold_it_half_way(job, run_here, tmp_path, monkeypatch):
    monkeypatch.setenv("OBELUS_FAULT_DIR", str(tmp_path))
    run_here(job())
    assert (tmp_path / "mid_run.reached").exists()
