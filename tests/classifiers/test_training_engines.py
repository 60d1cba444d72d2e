"""Engines classifier.train and classifier.references in the job folder: children, seeds, and ends of every kind."""

import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from unlearning.datasets import Rows
from unlearning.runner.refusals import Refused

MADE = {"family": "mlp", "shape": [6], "classes": [0, 1, 2], "width": 8}
RECIPE = {**MADE, "epochs": 3, "batch": 16}
KEPT = {"retain": {"features": list(range(5, 60))}}


@pytest.fixture(scope="module")
def table():
    draw = np.random.default_rng(0)
    labels = np.arange(60) % 3
    return Rows(np.arange(60), labels, draw.normal(size=(60, 6)) + labels[:, None])


@pytest.fixture
def job(lay_out, dataset, table):
    """Lay out a job of an engine on the table."""

    def make(engine, params, manifests=KEPT, rows=table):
        return lay_out(engine, params, inputs={"features": dataset(rows)}, manifests=manifests)

    return make


def weights_of(folder):
    return {path.parent.name: path.read_bytes() for path in sorted((folder / "weights").rglob("*.safetensors"))}


# A child loads torch anew, two seconds each: more than one waits for the slow tests.
@pytest.mark.parametrize("cores", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_references_are_the_trainings_of_their_seeds_to_the_byte_however_many_run_at_once(job, run_here, cores):
    together = job("classifier.references", {**RECIPE, "seeds": [4, 7, 9], "cores": cores})
    run_here(together)
    assert set(weights_of(together)) == {"seed_4", "seed_7", "seed_9"}
    assert_one_count_of_epochs(together, 9)
    for seed in (4, 7, 9):
        alone = job("classifier.train", {**RECIPE, "seed": seed})
        run_here(alone)
        assert weights_of(alone)["weights"] == weights_of(together)[f"seed_{seed}"]


def assert_one_count_of_epochs(folder, steps):
    lines = [json.loads(line) for line in (folder / "progress.jsonl").read_text().splitlines()]
    assert {(line["phase"], line["steps"]) for line in lines} == {("training references", steps)}
    assert lines[-1]["step"] == steps
    assert lines[-1]["rate"] >= 0


def test_a_row_outside_the_manifest_changes_nothing(job, run_here, table):
    spoiled = Rows(table.slots, table.labels, table.features.copy())
    spoiled.features[:5] = 1e6
    folders = [job("classifier.train", {**RECIPE, "seed": 1}, rows=rows) for rows in (table, spoiled)]
    for folder in folders:
        run_here(folder)
    assert weights_of(folders[0]) == weights_of(folders[1])


@pytest.mark.parametrize("engine", ["classifier.train", "classifier.references"])
@pytest.mark.parametrize(
    ("change", "manifests", "code"),
    [
        ({"classes": [0, 1]}, KEPT, "LABEL_UNKNOWN"),
        ({"shape": [7]}, KEPT, "WIDTH_MISMATCH"),
        ({"shape": [1, 2, 3]}, KEPT, "ARCHITECTURE_INVALID"),
        ({"centres": [0.0, 1.0]}, KEPT, "WIDTH_MISMATCH"),
        ({}, {}, "MANIFEST_MISSING"),
        ({}, {"retain": {"features": [60]}}, "ROW_OUT_OF_RANGE"),
    ],
)
def test_what_makes_no_training_is_refused_with_a_code(job, run_here, engine, change, manifests, code):
    seeds = {} if engine == "classifier.train" else {"seeds": [1]}
    with pytest.raises(Refused) as caught:
        run_here(job(engine, {**RECIPE, **seeds, **change}, manifests))
    assert caught.value.code == code


@pytest.mark.parametrize("seeds", [{}, pytest.param({"seeds": [1]}, marks=pytest.mark.slow)])
def test_a_training_that_diverges_is_refused_and_leaves_no_weights(job, run_here, seeds, table):
    far = Rows(table.slots, table.labels, table.features * 1e30)
    engine = "classifier.references" if seeds else "classifier.train"
    folder = job(engine, {**RECIPE, **seeds, "lr": 1e30, "scales": [1e-5]}, rows=far)
    with pytest.raises(Refused) as caught:
        run_here(folder)
    assert caught.value.code == "TRAINING_DIVERGED"
    assert not (folder / "weights").exists()


def children_of(pid):
    """Process ids whose parent is this one."""
    stats = [path.read_text() for path in Path("/proc").glob("[0-9]*/stat") if readable(path)]
    return {int(text.split()[0]) for text in stats if int(text.rpartition(")")[2].split()[1]) == pid}


def readable(path):
    try:
        return bool(path.read_text())
    except OSError:
        return False


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def waited_for(path, process):
    end = time.monotonic() + 30
    while not path.exists():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end, "never came half way"
        time.sleep(0.01)


def assert_all_end(children):
    end = time.monotonic() + 10
    while any(alive(child) for child in children) and time.monotonic() < end:
        time.sleep(0.02)
    assert not any(alive(child) for child in children)


LONG = {**RECIPE, "epochs": 10_000, "cores": 2}
needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")


@needs_proc
def test_a_runner_killed_outright_leaves_no_child(job, start_job, tmp_path):
    folder = job("classifier.references", LONG | {"seeds": [1, 2]})
    (tmp_path / "mid_run.hold").touch()
    process = start_job(folder, OBELUS_FAULT_DIR=str(tmp_path))
    waited_for(tmp_path / "mid_run.reached", process)
    children = children_of(process.pid)
    assert len(children) == 2
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=10) == -signal.SIGKILL
    assert_all_end(children)
    assert not (folder / "weights").exists()
    process.stdin.close()


@needs_proc
@pytest.mark.slow
def test_a_runner_asked_to_stop_in_the_midst_says_cancelled_and_leaves_no_child(job, start_job, result_of):
    folder = job("classifier.references", LONG | {"seeds": [1]})
    process = start_job(folder)
    waited_for(folder / "progress.jsonl", process)
    children = children_of(process.pid)
    assert len(children) == 1
    process.terminate()
    assert process.wait(timeout=10) == 75
    assert_all_end(children)
    assert result_of(folder)["status"] == "cancelled"
    assert not (folder / "weights").exists()
    process.stdin.close()
