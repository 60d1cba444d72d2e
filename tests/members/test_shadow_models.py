"""Shadow models: balanced halves, the same for the runner and its children, and a folder that is read strictly."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save_file

from unlearning.catalog import WrongParamsError, validate_params, with_defaults
from unlearning.datasets import Rows
from unlearning.runner.jobfolder import Spec, read_spec
from unlearning.runner.refusals import Refused
from unlearning.verification.members.shadow_child import train_all
from unlearning.verification.members.shadow_file import FILE, load_shadows, save_membership
from unlearning.verification.members.shadow_plan import halves, plan_of

PARAMS = {"family": "mlp", "shape": [4], "classes": [0, 1], "width": 6, "epochs": 2, "batch": 16, "seed": 3}
MANIFESTS = {
    "forget": {"features": [0, 1, 2, 3]},
    "canaries": {"features": [3]},
    "holdout": {"strangers": [5, 6, 7, 8]},
    "retain": {"features": list(range(4, 30))},
}


def table(seed: int) -> Rows:
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(40, 4))
    return Rows(np.arange(40), (features[:, 0] > 0).astype(np.int64), features)


def spec(**changes) -> Spec:
    params = with_defaults("classifier.shadows", PARAMS | changes.pop("params", {}))
    return Spec("job", "classifier.shadows", params, {}, MANIFESTS | changes, 1)


@pytest.fixture
def folder(lay_out, dataset):
    """A job folder over two objects, with and without unlearning."""

    def make(**params):
        inputs = {"features": dataset(table(0)), "strangers": dataset(table(1))}
        return lay_out("classifier.shadows", PARAMS | {"shadows": 8} | params, inputs=inputs, manifests=MANIFESTS)

    return make


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 60), st.integers(1, 6), st.integers(0, 2**40))
def test_every_row_is_held_by_exactly_half_of_the_shadows(rows, pairs, seed):
    held = halves(rows, shadows=2 * pairs, seed=seed)
    assert (held.sum(axis=0) == pairs).all()
    assert (np.abs(2 * held.sum(axis=1) - rows) <= 1).all()
    assert (held == halves(rows, shadows=2 * pairs, seed=seed)).all()


def test_targets_are_deleted_people_canaries_and_strangers_each_once():
    plan = plan_of(spec())
    assert plan.keys(plan.target_P) == [
        *(("features", row) for row in range(4)),
        *(("strangers", row) for row in range(5, 9)),
    ]
    assert (plan.gone <= plan.held).all() and not plan.gone[:, ~plan.target_P].any()


def test_a_plan_without_retained_rows_or_with_rows_on_both_sides_is_refused():
    for changes, code in (
        ({"retain": {}}, "MANIFEST_MISSING"),
        ({"forget": {}, "canaries": {}, "holdout": {}}, "MANIFEST_MISSING"),
        ({"retain": {"features": [0, 9]}}, "MANIFESTS_OVERLAP"),
        ({"holdout": {}, "canaries": {}, "forget": {"features": [0]}, "params": _unlearning()}, "TOO_FEW_TO_UNLEARN"),
    ):
        with pytest.raises(Refused) as refusal:
            plan_of(spec(**changes))
        assert refusal.value.code == code


def test_the_method_of_unlearning_is_checked_like_the_engine_that_bears_its_name():
    validate_params("classifier.shadows", PARAMS | _unlearning())
    for wrong in ({"method": "prayer"}, {"method": "finetune", "beta": 0.5}, {}):
        with pytest.raises(WrongParamsError):
            validate_params("classifier.shadows", PARAMS | {"unlearn": wrong})


def test_shadows_are_trained_on_their_halves_and_unlearn_their_targets(folder, tmp_path):
    job = folder(**_unlearning())
    out = tmp_path / "weights"
    out.mkdir()
    plan = plan_of(read_spec(job))
    save_membership(out, plan, unlearned=True)
    train_all(job, out, list(range(8)))
    shadows = load_shadows(out)
    assert (shadows.held == plan.held).all() and (shadows.gone == plan.gone).all()
    assert len(shadows.trained) == len(shadows.unlearned) == 8
    before, after = (models[0].head.weight.detach().numpy() for models in (shadows.trained, shadows.unlearned))
    assert not np.array_equal(before, after)
    again = tmp_path / "again"
    train_all(job, _made(again), [5])
    assert (again / "trained_5/model.safetensors").read_bytes() == (out / "trained_5/model.safetensors").read_bytes()
    assert (again / "unlearned_5/model.safetensors").read_bytes() == (
        out / "unlearned_5/model.safetensors"
    ).read_bytes()


def test_marks_are_looked_up_by_object_and_row_and_a_strange_row_was_held_by_none(tmp_path, monkeypatch):
    monkeypatch.setattr("unlearning.classifiers.network.load_network", lambda folder: None)
    plan = plan_of(spec())
    save_membership(tmp_path, plan, unlearned=False)
    shadows = load_shadows(tmp_path)
    marks = shadows.of_rows(shadows.held, [("strangers", 6), ("features", 6), ("strangers", 30)])
    assert (marks[:, 0] == plan.held[:, plan.pool.index(("strangers", 6))]).all()
    assert (marks[:, 1] == plan.held[:, plan.pool.index(("features", 6))]).all()
    assert not marks[:, 2].any()
    assert shadows.unlearned == () and not shadows.gone.any()


def test_a_membership_file_that_is_not_ours_is_refused(tmp_path):
    save_membership(tmp_path, plan_of(spec()), unlearned=False)
    sound = (tmp_path / FILE).read_bytes()
    with safe_open(tmp_path / FILE, framework="np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        public = json.loads(file.metadata()["obelus"])
    cases = [
        (tensors | {"held": tensors["held"] + np.uint8(2)}, public),
        (tensors | {"held": tensors["held"][:, 1:]}, public),
        (tensors | {"origin": tensors["origin"] + np.uint8(9)}, public),
        (tensors, public | {"format": "obelus/shadows/2"}),
    ]
    for changed, said in cases:
        save_file(changed, tmp_path / FILE, metadata={"obelus": json.dumps(said)})
        _refused(tmp_path)
    (tmp_path / FILE).write_bytes(sound[: len(sound) // 2])
    _refused(tmp_path)
    shutil.rmtree(tmp_path)
    _refused(tmp_path)


@pytest.mark.slow
def test_the_runner_trains_shadows_in_children_with_the_bytes_of_one_process(folder, run_job, tmp_path):
    job = folder(**_unlearning())
    assert run_job(job).returncode == 0
    assert json.loads((job / "result.json").read_text())["outputs"] == {"rows": 34, "shadows": 8}
    train_all(job, _made(tmp_path / "here"), [0, 7])
    for name in ("trained_0", "unlearned_0", "trained_7", "unlearned_7"):
        there = job / "weights" / name / "model.safetensors"
        assert there.read_bytes() == (tmp_path / "here" / name / "model.safetensors").read_bytes()
    assert len(load_shadows(job / "weights").unlearned) == 8
    last = json.loads((job / "progress.jsonl").read_text().splitlines()[-1])
    assert (last["step"], last["steps"]) == (8 * 12, 8 * 12)


def _unlearning() -> dict:
    return {"unlearn": {"method": "finetune", "epochs": 1}}


def _made(folder):
    folder.mkdir()
    return folder


def _refused(folder) -> None:
    with pytest.raises(Refused) as refusal:
        load_shadows(folder)
    assert refusal.value.code == "SHADOWS_UNREADABLE"
