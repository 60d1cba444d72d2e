"""save and load: the model, its ledger and its public constants; never a row."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.certified_engine.traces import forms_of
from unlearning.certified import CertifiedClassifier
from unlearning.certified.requests import RequestRefused
from unlearning.runner.refusals import Refused


@pytest.fixture
def saved(blobs, tmp_path):
    values, labels = blobs(40)
    names = np.array(["ash", "birch", "cedar"])
    model = CertifiedClassifier(epsilon=9.0, classes=names, batch=8, capacity=44).fit(values, names[labels])
    model.delete([2, 20])
    model.save(tmp_path / "model")
    return model, tmp_path / "model", values, names[labels]


def test_a_loaded_classifier_predicts_and_certifies_as_before(saved):
    model, folder, values, _ = saved
    again = CertifiedClassifier.load(folder)
    assert np.array_equal(again.predict_proba(values), model.predict_proba(values))
    assert again.predict(values).tolist() == model.predict(values).tolist()
    assert str(again.certificate_) == str(model.certificate_)
    assert again.ledger_ == model.ledger_
    assert again.get_params()["epsilon"] == 9.0 and list(again.classes) == ["ash", "birch", "cedar"]


def test_the_folder_holds_safetensors_and_json_and_no_row(saved):
    model, folder, values, _ = saved
    assert sorted(path.name for path in folder.iterdir()) == ["classifier.json", "ledger.json", "model.safetensors"]
    text = b"".join(path.read_bytes() for path in folder.iterdir())
    assert not any(form in text for row in values for form in forms_of(row, 1.0).values())


def test_it_deletes_again_only_once_the_rows_are_back(saved):
    model, folder, values, labels = saved
    again = CertifiedClassifier.load(folder)
    with pytest.raises(RequestRefused) as refused:
        again.delete([5])
    assert refused.value.code == "ROWS_MISSING"
    slots = model.slots_
    here = list(slots)
    again.give_rows(values[here], labels[here], record_ids=here, slots=list(slots.values()))
    again.delete([5])
    assert again.slots_ == {record: slot for record, slot in slots.items() if record != 5}
    names = [event.event for event in again.ledger_.events]
    assert names == ["trained", "released", "deleted", "steps", "released", "deleted", "steps", "released"]
    again.insert(values[:1], labels[:1], record_ids=["new"])
    assert again.slots_["new"] == 40, "a slot that was used once is no fresh slot, also after loading"


@pytest.mark.parametrize(
    ("count", "slots", "code"),
    [
        (37, range(37), "ROWS_DIFFER"),
        (38, None, "SLOTS_MISSING"),
        (38, range(37), "SLOTS_UNFIT"),
        (38, [*range(37), 44], "SLOTS_UNFIT"),
        (38, range(37, -1, -1), "SLOTS_UNFIT"),
    ],
)
def test_rows_that_are_not_the_models_are_refused(saved, count, slots, code):
    _, folder, values, labels = saved
    again = CertifiedClassifier.load(folder)
    with pytest.raises(RequestRefused) as refused:
        again.give_rows(values[:count], labels[:count], slots=slots)
    assert refused.value.code == code
    assert again._line.store is None


def test_the_loaded_model_goes_on_from_the_very_weights_that_were_published(saved, known_noise):
    model, folder, values, labels = saved
    slots = model.slots_
    here = list(slots)
    again = CertifiedClassifier.load(folder).give_rows(
        values[here], labels[here], record_ids=here, slots=list(slots.values())
    )
    model.delete([7])
    again.delete([7])
    assert again.coef_ == pytest.approx(model.coef_, abs=1e-6)


def test_a_folder_is_never_written_over(saved):
    model, folder, _, _ = saved
    with pytest.raises(FileExistsError):
        model.save(folder)


@pytest.mark.parametrize("damage", ["no file", "other format", "no json", "less noise"])
def test_a_damaged_folder_is_refused(saved, damage):
    _, folder, _, _ = saved
    file = folder / "classifier.json"
    if damage == "no file":
        file.unlink()
    else:
        public = json.loads(file.read_text())
        public["format"] = "obelus/classifier/9" if damage == "other format" else public["format"]
        public["frozen"]["sigma"] *= 0.5 if damage == "less noise" else 1.0
        file.write_text(json.dumps(public) if damage != "no json" else "{")
    with pytest.raises(Refused) as refused:
        CertifiedClassifier.load(folder)
    assert refused.value.code == "MODEL_UNREADABLE"
