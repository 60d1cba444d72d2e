"""What the worker may rely on, whichever engine runs. Every engine of the catalog must have a sound case here."""

from __future__ import annotations

import functools
import json
import shutil
import signal
import time

import pytest

from tests.unlearning.contract.language_cases import language_case, write_objects
from unlearning.catalog import ENGINES, preset
from unlearning.runner.digests import digest_of, digest_of_file
from unlearning.runner.refusals import Refused
from unlearning.runner.schemas import faults_of

PATIENTS = preset("breast-cancer")
PLAIN = {name: PATIENTS[name] for name in ("lam", "norm_bound", "classes", "centres", "scales")}
NETWORK = {"family": "mlp", "shape": [30], "classes": [0, 1], "epochs": 2, "scales": PATIENTS["scales"], "width": 8}
GENERATOR = {"family": "inpainter", "shape": [5, 6], "classes": [0, 1], "low": 0.0, "high": 100.0, "epochs": 2}
KEPT = {"features": list(range(12, 455))}
FORGET = {"features": list(range(12))}
RESULTS = {"result.json", "ledger.json", "measurements.json", "weights", "scratch"}
# What each engine must leave beside result.json.
LEAVES = {
    "noop": {"weights"},
    "certified.train": {"weights", "ledger.json"},
    "certified.delete": {"weights", "ledger.json"},
    "certified.insert": {"weights", "ledger.json"},
    "train.plain": {"weights"},
    "classifier.train": {"weights"},
    "classifier.references": {"weights"},
    "classifier.shadows": {"weights"},
    "classifier.unlearn": {"weights"},
    "generator.train": {"weights"},
    "language.drop": {"weights"},
    "language.references": {"weights"},
    "language.retrain_adapter": {"weights"},
    "language.train": {"weights"},
    "language.unlearn": {"weights"},
    "recipe": {"weights"},
    "verify.generator": {"measurements.json"},
    "verify.language": {"measurements.json"},
    "verify.linear": {"measurements.json"},
    "verify.network": {"measurements.json"},
    "verify.witness": {"measurements.json"},
}
# Which engine trains the model that an engine works on, where it is not train.plain.
PARENTS = {
    "certified.delete": "certified.train",
    "classifier.unlearn": "classifier.train",
    "verify.generator": "generator.train",
    "verify.witness": "certified.train",
    "verify.network": "classifier.train",
}
# Parameters of the engines that need rows and nothing else.
FROM_NOTHING = {
    "certified.train": PATIENTS,
    "train.plain": PLAIN,
    "classifier.train": NETWORK,
    "classifier.references": NETWORK | {"seeds": [3, 5]},
    "generator.train": GENERATOR,
}
# A process that loads torch costs seconds of a busy machine: the engines not named here run when there is time.
QUICK_TO_FINISH = {"noop", "certified.delete", "recipe", "verify.linear", "verify.witness"}
QUICK_TO_KILL = {"certified.delete", "recipe"}
QUICK_TO_STOP = {"recipe"}


def engines(quick):
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in sorted(LEAVES)]


COPY = "import shutil, sys; shutil.copy(sys.argv[1] + '/model.safetensors', sys.argv[2])"


@pytest.fixture(scope="module")
def texts_and_models(tmp_path_factory):
    """What language models are trained on and the models, made when the first engine asks."""
    folder = tmp_path_factory.mktemp("language")
    return functools.cache(lambda: write_objects(folder))


@pytest.fixture
def case(lay_out, run_here, dataset, patients, texts_and_models):
    """Lay out a sound job for an engine."""

    def make(engine):
        if "language" in engine:
            return lay_out(engine, **language_case(engine, texts_and_models()))
        features = dataset(patients)
        if engine == "noop":
            return lay_out(engine, {"steps": 3})
        if engine in FROM_NOTHING:
            return lay_out(engine, FROM_NOTHING[engine], inputs={"features": features}, manifests={"retain": KEPT})
        if engine == "certified.insert":
            return an_insertion(features)
        if engine == "classifier.shadows":
            manifests = {"forget": FORGET, "retain": KEPT, "holdout": {"features": list(range(455, 569))}}
            return lay_out(engine, NETWORK | {"shadows": 8}, inputs={"features": features}, manifests=manifests)
        parent = make(PARENTS.get(engine, "train.plain"))
        run_here(parent)
        weights = parent / "weights"
        if engine == "recipe":
            command = ["{python}", "-c", COPY, "{data}", "{out}"]
            return lay_out(engine, {"command": command}, inputs={"features": weights})
        inputs = {"features": features}
        if engine == "certified.delete":
            inputs |= {"model": weights, "ledger": parent / "ledger.json"}
            manifests = {"forget": {"features": [12]}, "retain": {"features": list(range(13, 455))}}
            return lay_out(engine, PATIENTS, inputs=inputs, manifests=manifests)
        if engine == "classifier.unlearn":
            inputs |= {"model": weights}
            manifests = {"forget": FORGET, "retain": KEPT}
            return lay_out(engine, {"method": "scrub", "epochs": 2}, inputs=inputs, manifests=manifests)
        if engine == "verify.witness":
            inputs |= {"new": weights, "ledger": parent / "ledger.json"}
            return lay_out(engine, {}, inputs=inputs, manifests={"retain": KEPT})
        inputs |= {"candidate": weights, "original": weights}
        inputs |= a_reference(features) if engine == "verify.network" else dict.fromkeys(TWO_REFERENCES, weights)
        manifests = {"forget": FORGET, "holdout": {"features": list(range(455, 569))}}
        return lay_out(engine, {"budgets": [0.0, 0.02]}, inputs=inputs, manifests=manifests)

    def a_reference(features):
        """Networks are not compared with themselves: a training from another seed."""
        other = lay_out(
            "classifier.train", NETWORK | {"seed": 5}, inputs={"features": features}, manifests={"retain": KEPT}
        )
        run_here(other)
        return {"reference_0": other / "weights"}

    def an_insertion(features):
        params = PATIENTS | {"rows": len(KEPT["features"])}  # below n_0: room for those who come later
        parent = lay_out("certified.train", params, inputs={"features": features}, manifests={"retain": KEPT})
        run_here(parent)
        inputs = {"features": features, "model": parent / "weights", "ledger": parent / "ledger.json"}
        return lay_out("certified.insert", params, inputs=inputs, manifests={"insert": FORGET, "retain": KEPT})

    return make


TWO_REFERENCES = ("reference_0", "reference_1")


def present(folder):
    return {name for name in RESULTS if (folder / name).exists()}


def start_held_half_way(start_job, folder, faults):
    """Start a job and wait until it holds at `mid_run`."""
    (faults / "mid_run.hold").touch()
    process = start_job(folder, OBELUS_FAULT_DIR=str(faults))
    end = time.monotonic() + 30
    while not (faults / "mid_run.reached").exists():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end, "never came half way"
        time.sleep(0.01)
    return process


def test_every_engine_of_the_catalog_is_under_contract():
    assert set(LEAVES) == set(ENGINES)


@pytest.mark.parametrize("engine", engines(QUICK_TO_FINISH))
def test_a_sound_job_leaves_all_its_results_and_touches_no_input(case, run_job, result_of, engine):
    folder = case(engine)
    before = (digest_of(folder / "inputs"), digest_of_file(folder / "spec.json"))
    done = run_job(folder)
    assert done.returncode == 0, done.stderr
    assert (digest_of(folder / "inputs"), digest_of_file(folder / "spec.json")) == before
    assert present(folder) == {"result.json"} | LEAVES[engine]
    result = result_of(folder)
    assert faults_of("result", result) == []
    assert (result["status"], result["engine"]) == ("done", engine)
    assert result["job"] == json.loads((folder / "spec.json").read_text())["job"]
    if "measurements.json" in LEAVES[engine]:
        assert faults_of("measurements", json.loads((folder / "measurements.json").read_text())) == []
    if "weights" in LEAVES[engine]:
        assert {path.suffix for path in (folder / "weights").rglob("*") if path.is_file()} == {".safetensors"}


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_an_unsound_job_is_refused_before_anything_is_done(case, run_here, engine):
    folder = case(engine)
    sound = json.loads((folder / "spec.json").read_text())

    def refusal(spec):
        (folder / "spec.json").write_text(json.dumps(spec))
        with pytest.raises(Refused) as caught:
            run_here(folder)
        assert present(folder) <= {"scratch"}
        assert not (folder / "progress.jsonl").exists()
        shutil.rmtree(folder / "scratch", ignore_errors=True)
        return caught.value.code

    assert refusal(sound | {"params": sound["params"] | {"colour": "red"}}) == "PARAMS_INVALID"
    needed = sorted(name for name in sound["inputs"] if not name.startswith("reference_"))
    for name in needed:
        others = {other: entry for other, entry in sound["inputs"].items() if other != name}
        assert refusal(sound | {"inputs": others}) == "INPUT_MISSING"
    for name in needed[:1]:
        path = folder / "inputs" / name
        victim = path if path.is_file() else next(file for file in sorted(path.rglob("*")) if file.is_file())
        victim.write_bytes(victim.read_bytes() + b"\0")
        assert refusal(sound) == "DIGEST_MISMATCH"


@pytest.mark.parametrize("engine", engines(QUICK_TO_KILL))
def test_killed_half_way_it_leaves_nothing_that_looks_finished(case, start_job, tmp_path, engine):
    folder = case(engine)
    process = start_held_half_way(start_job, folder, tmp_path)
    process.kill()
    assert process.wait(timeout=5) == -signal.SIGKILL
    assert present(folder) <= {"scratch"}
    process.stdin.close()


@pytest.mark.parametrize("engine", engines(QUICK_TO_STOP))
def test_asked_to_stop_half_way_it_says_cancelled_and_cleans_up(case, start_job, result_of, tmp_path, engine):
    folder = case(engine)
    process = start_held_half_way(start_job, folder, tmp_path)
    process.terminate()
    assert process.wait(timeout=5) == 75
    assert (result_of(folder)["status"], present(folder)) == ("cancelled", {"result.json"})
    process.stdin.close()


@pytest.mark.slow
@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_two_sound_runs_differ_only_where_the_engine_is_not_seeded(case, run_here, engine):
    folders = [case(engine), case(engine)]
    for folder in folders:
        run_here(folder)
    if "weights" in LEAVES[engine]:
        alike = len({digest_of(folder / "weights") for folder in folders}) == 1
        assert alike == ENGINES[engine].seeded
