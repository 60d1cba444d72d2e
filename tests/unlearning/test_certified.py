"""The certified engine: the optimum it must reach, the constants it must keep, what it must refuse."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from unlearning.accounting import Ledger, Released, price
from unlearning.accounting.recommend import loss_constants
from unlearning.catalog import preset
from unlearning.certified.constants import Constants
from unlearning.certified.kernel import gradient_sum
from unlearning.certified.learn import descend
from unlearning.certified.objective import EXCESS
from unlearning.certified.rows import batches_of, part_of
from unlearning.datasets import Rows
from unlearning.linear import Preparation, load_model
from unlearning.runner.refusals import Refused

torch.set_num_threads(1)
TRAIN, HOLDOUT = list(range(455)), list(range(455, 569))
FORGET = list(range(12))
PATIENTS = preset("breast-cancer")


def optimum_by_sklearn(rows_NG, labels, lam):
    peer = LogisticRegression(C=1 / (lam * len(rows_NG)), fit_intercept=False, tol=1e-12, max_iter=10_000)
    return peer.fit(rows_NG, labels).coef_


@pytest.mark.parametrize("name", ["patients", "digits"])
def test_with_hardly_any_noise_it_reaches_scikit_learns_optimum(request, name):
    rows = request.getfixturevalue(name)
    params = preset("breast-cancer" if name == "patients" else "digits")
    preparation = Preparation.from_params(params)
    rows_NG = preparation.augmented(rows.features)
    classes = len(preparation.classes)
    part = part_of(preparation.scaled(rows.features), preparation.positions(rows.labels), rows.slots, norm_bound=1.0)
    theta = descend(
        np.zeros((preparation.outputs, rows_NG.shape[1])),
        [part],
        loss="binary" if classes == 2 else "softmax",
        constants=Constants(lam=params["lam"], eta=params["eta"], sigma=1e-12, n_0=len(rows), steps=1500),
        after_step=lambda _: None,
    )
    expected = optimum_by_sklearn(rows_NG, rows.labels, params["lam"])
    if classes > 2:
        # Softmax leaves a shift of all classes free; the penalty picks the centred one.
        expected = expected - expected.mean(axis=0)
    assert np.abs(theta - expected).max() < 1e-4 * np.abs(expected).max()


def gradient(loss, theta, row, position):
    """Of one row that already has its constant at the end and needs no shrinking: the kernel adds a zero for it."""
    theta = torch.cat([torch.as_tensor(theta).double(), torch.zeros(len(theta), 1).double()], dim=1)
    part = part_of(np.array([row]), np.array([position]), np.array([0]), norm_bound=1e9)
    chunks = batches_of([part], Constants(lam=1.0, eta=1.0, sigma=1.0, n_0=1, steps=1))[0]
    return gradient_sum(theta, chunks, excess=EXCESS[loss])[:, :-1]


def test_binary_gradient_on_a_hand_computed_row():
    # margin 0, so sigmoid 1/2; label 1: (1/2 - 1) x = -x/2.
    assert gradient("binary", torch.zeros(1, 2), [3.0, 4.0], 1).tolist() == [[-1.5, -2.0]]


def test_softmax_gradient_on_a_hand_computed_row():
    # Three equal logits: (1/3, 1/3 - 1, 1/3) outer x.
    got = gradient("softmax", torch.zeros(3, 2), [3.0, 6.0], 1)
    assert got.numpy() == pytest.approx(np.array([[1, 2], [-2, -4], [1, 2]]))


def test_one_vs_rest_gradient_on_a_hand_computed_row():
    # Each margin 0, so (1/2, 1/2 - 1, 1/2) outer x.
    got = gradient("one_vs_rest", torch.zeros(3, 2), [3.0, 6.0], 1)
    assert got.tolist() == [[1.5, 3.0], [-1.5, -3.0], [1.5, 3.0]]


def test_capped_gradients_on_hand_computed_rows():
    # Three equal logits: softmax would say (1/3, -2/3, 1/3); a total of 1/2 is all a row may ask for.
    got = gradient("capped_softmax", torch.zeros(3, 2), [4.0, 8.0], 1)
    assert got.numpy() == pytest.approx(np.array([[1, 2], [-2, -4], [1, 2]]))
    # On the wrong side the binary loss is a line of slope 1/2; on the right side it is the logistic one.
    assert gradient("capped_binary", [[0.0, -40.0]], [0.0, 2.0], 1).tolist() == [[0.0, -1.0]]
    right = [[0.0, 0.7]]
    assert torch.equal(gradient("capped_binary", right, [1.0, 2.0], 1), gradient("binary", right, [1.0, 2.0], 1))


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["binary", "softmax", "one_vs_rest", "capped_binary", "capped_softmax"]),
    st.integers(2, 6),
    st.floats(0.1, 3.0),
    st.integers(0, 10**6),
)
def test_no_rows_gradient_is_longer_or_more_curved_than_declared(loss, classes, norm_bound, seed):
    draw = np.random.default_rng(seed)
    row = draw.normal(size=5)
    row = row / np.linalg.norm(row) * norm_bound
    binary = loss.endswith("binary")
    shape = (1 if binary else classes, 5)
    here, there = (torch.from_numpy(draw.normal(scale=draw.choice([0.1, 30.0]), size=shape)) for _ in range(2))
    position = int(draw.integers(2 if binary else classes))
    one, other = (gradient(loss, theta, row, position) for theta in (here, there))
    longest, curved = loss_constants(loss, norm_bound, classes=classes)
    assert one.norm() <= longest * (1 + 1e-12)
    reach = curved * (here - there).norm()
    assert (one - other).norm() <= reach * (1 + 1e-12) + 1e-12


def test_the_declared_constants_are_reached_so_they_are_not_wasteful():
    row = [0.0, 2.0]
    hopeless = gradient("binary", [[0.0, -40.0]], row, 1)
    assert hopeless.norm().item() == pytest.approx(loss_constants("binary", 2.0)[0])
    every_wrong = gradient("one_vs_rest", [[0.0, -40.0], [0.0, 40.0], [0.0, 40.0]], row, 0)
    assert every_wrong.norm().item() == pytest.approx(loss_constants("one_vs_rest", 2.0, classes=3)[0])
    one_rival = gradient("capped_softmax", [[0.0, -40.0], [0.0, 40.0], [0.0, -40.0]], row, 0)
    assert one_rival.norm().item() == pytest.approx(loss_constants("capped_softmax", 2.0, classes=3)[0])
    step = 1e-5
    curve = gradient("binary", [[0.0, step]], row, 1) - gradient("binary", [[0.0, -step]], row, 1)
    expected = loss_constants("binary", 2.0)[1]
    assert curve.norm().item() / (2 * step) == pytest.approx(expected, rel=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.floats(1e-3, 1e3), st.integers(0, 10**6))
def test_no_prepared_row_is_longer_than_the_norm_bound(norm_bound, seed):
    features = np.random.default_rng(seed).standard_cauchy(size=(20, 4)) * 100
    preparation = Preparation((0, 1), (0.0,) * 4, (1.0,) * 4, norm_bound)
    assert np.linalg.norm(preparation.augmented(features), axis=1).max() <= norm_bound


def test_a_row_is_prepared_alike_whoever_else_is_there(patients):
    preparation = Preparation.from_params(PATIENTS)
    alone = preparation.augmented(patients.features[7:8])
    assert np.array_equal(alone[0], preparation.augmented(patients.features)[7])


def test_each_step_adds_exactly_the_declared_noise():
    # No rows at all: theta after one step from zero is pure noise of standard deviation sqrt(2 eta) sigma.
    theta = descend(
        np.zeros((10, 4000)),
        [],
        loss="softmax",
        constants=Constants(lam=0.1, eta=0.5, sigma=3.0, n_0=10, steps=1),
        after_step=lambda _: None,
    )
    assert theta.std() == pytest.approx(3.0, rel=6 / np.sqrt(2 * 40_000))


@pytest.fixture
def trained(lay_out, run_here, dataset, patients):
    """A certified model of the patients, its folder, and the dataset object."""
    features = dataset(patients)
    folder = lay_out(
        "certified.train", PATIENTS, inputs={"features": features}, manifests={"retain": {"features": TRAIN}}
    )
    run_here(folder)
    return folder, features


def lay_out_deletion(lay_out, trained, *, params=None, forget=FORGET, retain=None, ledger=None):
    folder, features = trained
    retain = [row for row in TRAIN if row not in set(forget)] if retain is None else retain
    return lay_out(
        "certified.delete",
        PATIENTS | {"steps": 32} | (params or {}),
        inputs={"model": folder / "weights", "features": features, "ledger": ledger or folder / "ledger.json"},
        manifests={"forget": {"features": forget}, "retain": {"features": retain}},
    )


def test_training_then_deletion_give_two_models_and_a_ledger_that_can_be_priced(
    lay_out, run_here, trained, patients, tmp_path
):
    folder, _ = trained
    published = Ledger.from_json((folder / "ledger.json").read_text()).then(Released(release="first"))
    (tmp_path / "ledger.json").write_text(published.to_json())
    deletion = lay_out_deletion(lay_out, trained, ledger=tmp_path / "ledger.json")
    run_here(deletion)
    ledger = Ledger.from_json((deletion / "ledger.json").read_text())
    assert [event.event for event in ledger.events] == ["trained", "released", "deleted", "steps"]
    cost = price(ledger, delta=1e-5, group=1)
    assert 1.7 < cost.b.epsilon(1e-5) < 2.1
    assert cost.a.epsilon(1e-5) < 0.55
    before, after = load_model(folder / "weights"), load_model(deletion / "weights")
    assert not np.array_equal(before.theta, after.theta)
    for model in (before, after):
        hits = model.predict(patients.features[HOLDOUT]) == patients.labels[HOLDOUT]
        assert hits.mean() > 0.85
    assert (deletion / "ledger.json").stat().st_size < 10_000


def test_progress_says_steps_and_nothing_that_was_computed_from_the_data(trained):
    lines = [json.loads(line) for line in (trained[0] / "progress.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] == lines[-1]["steps"] == PATIENTS["steps"]
    assert all(set(line) == {"at", "phase", "step", "steps", "rate"} for line in lines)


def test_the_same_spec_draws_another_model(lay_out, run_here, trained):
    folder, features = trained
    again = lay_out(
        "certified.train", PATIENTS, inputs={"features": features}, manifests={"retain": {"features": TRAIN}}
    )
    run_here(again)
    assert not np.array_equal(load_model(folder / "weights").theta, load_model(again / "weights").theta)


def test_published_weights_are_float32_in_one_safetensors_file(trained):
    from safetensors import safe_open

    assert [path.name for path in (trained[0] / "weights").iterdir()] == ["model.safetensors"]
    with safe_open(trained[0] / "weights" / "model.safetensors", "numpy") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {np.dtype("float32")}  # noqa: SIM118


def test_a_class_without_rows_is_legal_and_changes_no_shape(lay_out, run_here, dataset, patients):
    only_ill = Rows(patients.slots, np.zeros_like(patients.labels), patients.features)
    folder = lay_out(
        "certified.train",
        PATIENTS,
        inputs={"features": dataset(only_ill)},
        manifests={"retain": {"features": TRAIN}},
    )
    run_here(folder)
    assert load_model(folder / "weights").theta.shape == (1, 31)


def test_changing_a_row_that_leaves_changes_nothing_that_is_read(lay_out, run_here, trained, dataset, patients):
    # The rows to forget may even be unusable: their values are never looked at.
    broken = patients.features.copy()
    broken[FORGET] = np.nan
    folder, _ = trained
    deletion = lay_out_deletion(lay_out, (folder, dataset(Rows(patients.slots, patients.labels, broken))))
    run_here(deletion)
    assert (deletion / "weights").exists()


def refused_training(lay_out, run_here, path, *, params=None, retain=None):
    folder = lay_out(
        "certified.train",
        PATIENTS | (params or {}),
        inputs={"features": path},
        manifests={"retain": {"features": TRAIN if retain is None else retain}},
    )
    with pytest.raises(Refused) as caught:
        run_here(folder)
    return caught.value.code


BAD_PARAMS = [
    ({"eta": 7.8}, "ETA_TOO_LARGE"),
    ({"n_0": 400}, "ROWS_EXCEED_N_0"),
    ({"classes": [0, 2]}, "LABEL_UNKNOWN"),
    ({"scales": [1.0] * 29}, "WIDTH_MISMATCH"),
    ({"scales": [1.0] * 29, "centres": [0.0] * 29}, "WIDTH_MISMATCH"),
]


@pytest.mark.parametrize(("params", "code"), BAD_PARAMS)
def test_a_setting_that_breaks_the_theorem_is_refused(lay_out, run_here, dataset, patients, params, code):
    assert refused_training(lay_out, run_here, dataset(patients), params=params) == code


def test_features_that_are_not_finite_are_refused(lay_out, run_here, dataset, patients):
    bad = patients.features.copy()
    bad[3, 4] = np.inf
    path = dataset(Rows(patients.slots, patients.labels, bad))
    assert refused_training(lay_out, run_here, path) == "FEATURES_NOT_FINITE"


def test_a_row_index_beyond_the_data_is_refused(lay_out, run_here, dataset, patients):
    assert refused_training(lay_out, run_here, dataset(patients), retain=[0, 569]) == "ROW_OUT_OF_RANGE"


def test_a_slot_number_used_twice_is_refused(lay_out, run_here, dataset, patients):
    path = dataset(Rows(np.zeros_like(patients.slots), patients.labels, patients.features))
    assert refused_training(lay_out, run_here, path) == "SLOT_REPEATED"


def test_a_file_that_is_no_dataset_is_refused(lay_out, run_here, tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1 not really PAR1")
    assert refused_training(lay_out, run_here, tmp_path / "x.parquet") == "DATASET_UNREADABLE"


def test_reduced_precision_is_refused(lay_out, run_here, monkeypatch, dataset, patients):
    folder = lay_out(
        "certified.train",
        PATIENTS,
        inputs={"features": dataset(patients)},
        manifests={"retain": {"features": TRAIN}},
    )
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "1")
    with pytest.raises(Refused, match="REDUCED_PRECISION"):
        run_here(folder)


BAD_DELETIONS = [
    ({"retain": []}, "EMPTY_DATASET_AFTER_DELETION"),
    ({"forget": []}, "NO_ROWS"),
    ({"retain": TRAIN}, "MANIFESTS_OVERLAP"),
    ({"params": {"sigma": 0.05}}, "PARENT_MISMATCH"),
    ({"params": {"classes": [1, 0]}}, "PARENT_MISMATCH"),
    ({"params": {"n_0": 479}}, "PARENT_MISMATCH"),
    ({"retain": list(range(12, 569))}, "ROWS_EXCEED_N_0"),
]


def test_a_deletion_that_is_not_the_same_pipeline_or_leaves_nothing_is_refused(lay_out, run_here, trained):
    for change, code in BAD_DELETIONS:
        folder = lay_out_deletion(lay_out, trained, **change)
        with pytest.raises(Refused) as caught:
            run_here(folder)
        assert (caught.value.code, change) == (code, change)


def test_the_ledger_of_another_format_is_refused(lay_out, run_here, trained, tmp_path):
    (tmp_path / "ledger.json").write_text(json.dumps({"format": "obelus/ledger/9", "problem": {}, "events": []}))
    folder = lay_out_deletion(lay_out, trained, ledger=tmp_path / "ledger.json")
    with pytest.raises(Refused, match="LEDGER_MALFORMED"):
        run_here(folder)


def test_the_ledger_of_a_training_can_be_priced_from_the_command_line(trained):
    command = [sys.executable, "-m", "unlearning", "account", str(trained[0] / "ledger.json"), "--delta", "1e-5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "epsilon" in done.stdout


def test_features_that_overflow_when_scaled_are_refused_and_huge_ones_stay_short():
    tiny = Preparation((0, 1), (0.0,), (1e-3,), 1.0)
    with pytest.raises(Refused, match="FEATURES_NOT_FINITE"):
        tiny.augmented(np.array([[1e308]]))
    assert np.linalg.norm(tiny.augmented(np.array([[1e300]]))) <= 1.0
