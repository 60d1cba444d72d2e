"""Deleting and inserting until every slot has been used twice, and what the memory of the old rows becomes."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from unlearning.accounting import Stay, price, price_next_release
from unlearning.certified import CertifiedClassifier, Extractor
from unlearning.certified.problem import theta_bound
from unlearning.certified.requests import RequestRefused

SOME = "sha256:" + "0" * 64


def fitted(values, labels, **more):
    settings = {"epsilon": 20.0, "delta": 1e-4, "classes": range(3)}
    return CertifiedClassifier(**settings | more).fit(values, labels)


@pytest.mark.parametrize("batch", [None, 10])
@pytest.mark.parametrize("kind", [np.array, np.ndarray.tolist], ids=["borrowed", "owned"])
def test_slots_of_deleted_rows_can_be_filled_again_and_again(blobs, batch, kind):
    values, labels = blobs(40)
    model = fitted(kind(values), labels, batch=batch)
    for turn in range(3):
        for name in list(model.slots_)[:2]:
            model.delete([name])  # the second time the array is our own, and keeps its shape
        model.insert(values[:2], labels[:2], record_ids=[f"new-{turn}-{number}" for number in range(2)])
        assert sorted(model.slots_.values()) == list(range(40)) and model.ledger_.rows == 40


def test_more_rows_than_slots_are_still_refused(blobs):
    values, labels = blobs(41)
    model = fitted(values[:40], labels[:40])
    model.delete([0])
    with pytest.raises(RequestRefused) as refused:
        model.insert(values[:2], labels[:2], record_ids=["a", "b"])
    assert refused.value.code == "CAPACITY_EXCEEDED"


def test_an_array_of_ours_is_overwritten_also_when_its_last_row_leaves(blobs):
    values, labels = blobs(43)
    model = fitted(values[:40], labels[:40], capacity=43)
    model.insert(values[40:].tolist(), labels[40:], record_ids=["a", "b", "c"])
    ours = model._line.rows.parts[-1].features
    assert np.array_equal(ours, values[40:])
    model.delete(["a", "b", "c"])
    assert not ours.any()
    model.delete([0])
    assert len(model._line.rows.parts) == 1


@pytest.mark.parametrize(
    "again",
    [None, Extractor(digest=SOME), Extractor(digest=SOME, trained_on_subjects=["x"])],
    ids=["unsaid", "the digest only", "in full"],
)
def test_naming_the_extractor_without_its_people_forgets_none_of_them(blobs, again):
    values, labels = blobs(40)
    model = CertifiedClassifier(classes=range(3), capacity=42, epsilon=9.0)
    model.fit(values, labels, subjects=range(40), extractor=Extractor(digest=SOME, trained_on_subjects=["x"]))
    with pytest.raises(RequestRefused) as refused:
        model.insert(values[:1], labels[:1], record_ids=["n"], subjects=["x"], extractor=again)
    assert refused.value.code == "EXTRACTOR_SHARES_SUBJECT"
    model.insert(values[:1], labels[:1], record_ids=["n"], subjects=["y"], extractor=again)


def test_an_extractor_of_other_people_under_the_same_digest_is_refused(blobs):
    values, labels = blobs(40)
    model = CertifiedClassifier(classes=range(3), capacity=42, epsilon=9.0)
    model.fit(values, labels, subjects=range(40), extractor=Extractor(digest=SOME, trained_on_subjects=["x"]))
    for others in ([], ["x", 3]):
        other = Extractor(digest=SOME, trained_on_subjects=others)
        with pytest.raises(RequestRefused) as refused:
            model.insert(values[:1], labels[:1], record_ids=["n"], subjects=["x"], extractor=other)
        assert refused.value.code == "EXTRACTOR_DIFFERS"


def test_a_loaded_model_still_asks_whose_rows_they_are(blobs, tmp_path):
    values, labels = blobs(40)
    model = CertifiedClassifier(classes=range(3), epsilon=9.0, capacity=42).fit(values, labels, subjects=range(40))
    model.save(tmp_path / "first")
    CertifiedClassifier.load(tmp_path / "first").save(tmp_path / "second")
    again = CertifiedClassifier.load(tmp_path / "second")
    with pytest.raises(RequestRefused) as refused:
        again.give_rows(values, labels)
    assert refused.value.code == "SUBJECTS_MISSING"
    again.give_rows(values, labels, subjects=range(40))
    with pytest.raises(RequestRefused) as refused:
        again.insert(values[:1], labels[:1], record_ids=["n"], subjects=[3])
    assert refused.value.code == "CONTRIBUTION_CAP_EXCEEDED"


@pytest.mark.parametrize("eta", [1.1, 1.5, 1.9])
def test_the_bound_of_the_weights_holds_also_where_each_step_turns_them_round(eta):
    params = {"eta": eta, "lam": 1.0, "sigma": 1e-12}
    bound = theta_bound(params, lipschitz=1.0, coordinates=1, loss="binary", classes=2)
    theta = 0.0
    for _ in range(500):  # the hardest pull a row could have, always outwards
        turned = (1.0 - eta) * theta
        theta = turned + (eta if turned >= 0.0 else -eta)
        assert abs(theta) <= bound
    assert abs(theta) > 0.9 * bound


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_holds_neither_rows_nor_the_names_of_the_extractors_people(blobs, copied):
    values, labels = blobs(40)
    people = [f"here-{number}" for number in range(40)]
    extractor = Extractor(digest=SOME, trained_on_subjects=["elsewhere"])
    model = CertifiedClassifier(classes=range(3), epsilon=9.0, capacity=41)
    model.fit(values, labels, subjects=people, extractor=extractor)
    again = copied(model)
    assert b"elsewhere" not in pickle.dumps(again) and b"here-3" not in pickle.dumps(again)
    with pytest.raises(RequestRefused) as refused:
        again.delete([1])
    assert refused.value.code == "ROWS_MISSING" and np.array_equal(again.predict(values), model.predict(values))
    with pytest.raises(RequestRefused) as refused:
        again.give_rows(values, labels, subjects=people)
    assert refused.value.code == "EXTRACTOR_DIFFERS"
    again.give_rows(values, labels, subjects=people, extractor=extractor).delete([1])
    model.delete([2])  # the original has all it had


def test_a_model_can_move_to_another_device(blobs):
    model = fitted(*blobs(40), capacity=42)
    model.set_params(device="tpu")
    with pytest.raises(RequestRefused) as refused:
        model.delete([1])
    assert refused.value.code == "DEVICE_UNAVAILABLE"
    model.set_params(device="cpu").delete([1])


def test_b_of_those_present_covers_whoever_came_again_to_another_slot(blobs):
    values, labels = blobs(60)
    model = fitted(values, labels, batch=6, l2=0.05, deletion_epsilon=5.0)
    for turn in range(3):
        model.delete([turn])
        model.insert(values[:1], labels[:1], record_ids=[f"again-{turn}"])
    shown, one_slot = model.certificate_.present.b, price(model.ledger_, delta=1e-4, stays=(Stay(rows=1),)).b
    assert shown == price_next_release(model.ledger_).after and shown.mu >= one_slot.mu
