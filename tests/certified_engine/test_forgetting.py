"""What is left in the estimator after a deletion: nothing of the deleted, and everything of the others."""

from __future__ import annotations

import gc
import pickle

import numpy as np
import pytest

from tests.certified_engine.traces import everything_held, forms_of
from unlearning.certified import CertifiedClassifier
from unlearning.certified.requests import RequestRefused

NAMES = [f"record-{number:03d}" for number in range(40)]
PEOPLE = [f"person-{number:03d}" for number in range(40)]


def fitted(blobs, *, kind=np.array, **more):
    values, labels = blobs(40, features=6)
    rows = [values[number].copy() for number in range(40)]
    model = CertifiedClassifier(**{"epsilon": 20.0, "classes": range(3), "capacity": 44} | more)
    return model.fit(kind(values), labels, record_ids=NAMES, subjects=PEOPLE), rows, labels


@pytest.mark.parametrize("batch", [None, 9])
@pytest.mark.parametrize("kind", [np.array, np.ndarray.tolist, np.float32], ids=["array", "list", "float32"])
def test_no_form_of_a_deleted_row_is_left_in_the_estimator(blobs, kind, batch):
    model, rows, _ = fitted(blobs, kind=kind, batch=batch)
    gone, stays = rows[7], rows[8]
    held = everything_held(model)
    exact = "float32" if kind is np.float32 else "float64"
    assert forms_of(gone, 1.0)[exact] in held and b"record-007" in held, "the search finds nothing"
    for records in (["record-007"], ["record-030", "record-031"]):  # the second time the array is our own
        model.delete(records)
    gc.collect()
    held = everything_held(model)
    assert forms_of(stays, 1.0)[exact] in held, "the search finds nothing"
    for number in (7, 30, 31):
        assert [name for name, form in forms_of(rows[number], 1.0).items() if form in held] == []
        assert f"record-{number:03d}".encode() not in held
        assert f"person-{number:03d}".encode() not in held


def test_the_callers_array_is_neither_changed_nor_held_after_a_deletion(blobs):
    values, labels = blobs(40)
    before = values.copy()
    model = CertifiedClassifier(epsilon=20.0, classes=range(3)).fit(values, labels)
    model.delete([3])
    assert np.array_equal(values, before)
    assert not any(np.shares_memory(values, part.features) for part in model._line.rows.parts)


@pytest.mark.parametrize("batch", [None, 9])
def test_of_an_array_handed_over_no_copy_is_made_and_the_deleted_rows_in_it_are_gone(blobs, known_noise, batch):
    values, labels = blobs(40)
    before = values.copy()
    asked = {"epsilon": 20.0, "classes": range(3), "batch": batch}
    model = CertifiedClassifier(**asked, copy_X=False).fit(values, labels)
    again = CertifiedClassifier(**asked).fit(before, labels)
    for records in ([3], [17, 18]):
        model.delete(records)
        again.delete(records)
    gone = [3, 17, 18]
    assert np.shares_memory(values, model._line.rows.parts[0].features)
    assert not values[gone].any()
    assert np.array_equal(np.delete(values, gone, axis=0), np.delete(before, gone, axis=0))
    assert model.coef_ == pytest.approx(again.coef_, abs=1e-7)  # the order of sums may differ, the model may not


def test_a_deletion_that_fails_leaves_an_array_handed_over_as_it_was(blobs):
    values, labels = blobs(40)
    before = values.copy()

    def stop(phase, *_):
        if phase == "deleting":
            raise RuntimeError("stopped")

    model = CertifiedClassifier(epsilon=20.0, classes=range(3), copy_X=False, progress=stop).fit(values, labels)
    with pytest.raises(RuntimeError):
        model.delete([3])
    assert np.array_equal(values, before)


@pytest.mark.parametrize("kind", ["read only", "file"])
def test_what_cannot_be_overwritten_is_not_though_it_was_handed_over(blobs, tmp_path, kind):
    values, labels = blobs(40)
    before = values.copy()
    values.setflags(write=False)
    np.save(tmp_path / "x.npy", before)
    rows = values if kind == "read only" else np.load(tmp_path / "x.npy", mmap_mode="r+")
    model = CertifiedClassifier(epsilon=20.0, classes=range(3), copy_X=False).fit(rows, labels)
    model.delete([3])
    assert np.array_equal(np.asarray(rows), before)
    assert (kind == "file") == np.shares_memory(rows, model._line.rows.parts[0].features)


def test_a_deleted_row_of_a_file_is_never_read_again(blobs, tmp_path):
    values, labels = blobs(40)
    np.save(tmp_path / "x.npy", values)
    model = CertifiedClassifier(epsilon=20.0, classes=range(3)).fit(tmp_path / "x.npy", labels)
    model.delete([5])
    spoiled = np.load(tmp_path / "x.npy", mmap_mode="r+")
    spoiled[5] = np.nan  # its owner erased it: from now on any use of it would show
    spoiled.flush()
    model.delete([6])
    assert np.isfinite(model.coef_).all()


def test_deleting_gives_the_model_of_those_who_stay(blobs, monkeypatch):
    values, labels = blobs(60)
    quiet = {"epsilon": 1e6, "classes": range(3), "capacity": 60, "relaxations": 30, "deletion_epsilon": 1e-2}
    model = CertifiedClassifier(**quiet).fit(values, labels)
    model.delete(range(0, 60, 3))  # a whole class leaves; nothing of its centre may stay in the weights
    never = CertifiedClassifier(**quiet).fit(values[np.arange(60) % 3 > 0], labels[np.arange(60) % 3 > 0])
    assert model.coef_ == pytest.approx(never.coef_, abs=1e-2)
    assert abs(never.coef_).max() > 0.5


def test_a_pickle_holds_no_row_at_all_and_still_predicts(blobs):
    model, rows, _ = fitted(blobs)
    text = pickle.dumps(model)
    assert not any(form in text for row in rows for form in forms_of(row, 1.0).values())
    again = pickle.loads(text)  # our own bytes of a moment ago
    assert np.array_equal(again.predict(np.array(rows)), model.predict(np.array(rows)))
    with pytest.raises(RequestRefused) as refused:
        again.delete(["record-001"])
    assert refused.value.code == "ROWS_MISSING"


@pytest.mark.parametrize("copy_X", [True, False])
def test_an_array_that_was_changed_behind_our_back_is_noticed(blobs, copy_X):
    values, labels = blobs(40)
    model = CertifiedClassifier(epsilon=20.0, classes=range(3), copy_X=copy_X).fit(values, labels)
    values[:] = values[::-1].copy()
    with pytest.raises(RequestRefused) as refused:
        model.delete([3])
    assert refused.value.code == "ROWS_CHANGED"
