"""A model trained elsewhere comes in by what its bytes are; what is unknown of it is declared."""

import io
import json
import pickle
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save

from governance.errors import Conflict, Destroyed, Invalid, StorageFull
from governance.lineage.models import Checkpoint, Snapshot, TrainedModel
from governance.lineage.selectors import affected_checkpoints
from governance.lineage.services import register_foreign_checkpoint
from governance.objects.destruction import destroy, unreferenced
from governance.objects.models import StoredObject
from governance.objects.store import hold, put_folder
from tests.lineage.packed import packed_file

pytestmark = pytest.mark.django_db

TENSORS = save({"w": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.zeros(2)})
XGBOOST = json.dumps({"learner": {"gradient_booster": {}}, "version": [3, 0, 0]}).encode()
# ModelProto: ir_version 9, producer "t", graph {name "g"}, opset_import {version 13}.
ONNX = b"\x08\x09\x12\x01t\x3a\x03\x12\x01g\x42\x02\x10\x0d"
GAPS = ["the version of the data it learned from"]


def a_zip():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("data.pkl", pickle.dumps({"w": [1.0]}))
    return sink.getvalue()


def register(ward, files, name="bought", dataset="ward", gaps=GAPS):
    home = ward.dataset if dataset == "ward" else None
    return register_foreign_checkpoint(name=name, dataset=home, files=files, gaps=gaps, actor=ward.actor)


@pytest.mark.parametrize("data", [TENSORS, XGBOOST, ONNX], ids=["safetensors", "xgboost", "onnx"])
def test_safe_formats_are_taken_in_whatever_their_name(ward, data):
    made = register(ward, {"model.bin": data})
    assert made.model.gaps == GAPS and made.run.declared and made.run.snapshot is None
    assert StoredObject.objects.get(digest=made.object_digest).status == "held"
    assert unreferenced() == []


REFUSED = {
    "a pickle": pickle.dumps({"w": [1.0]}),
    "an old pickle": pickle.dumps({"w": [1.0]}, protocol=0),
    "a zip": a_zip(),
    "nothing": b"",
    "text": b"hello",
    "JSON that is no model": b'{"a": 1}',
    "safetensors with something behind": TENSORS + b"\0",
    "safetensors cut short": TENSORS[:-1],
    "a pickle behind a safetensors header": (2).to_bytes(8, "little") + b"{}" + pickle.dumps([1]),
    "ONNX with an unknown field": ONNX + b"\xf8\x07\x01",
    "ONNX cut short": ONNX[:-1],
    "ONNX with two graphs": ONNX + b"\x3a\x03\x12\x01g",
}


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_is_refused_even_under_a_good_name(ward, name):
    with pytest.raises(Invalid) as caught:
        register(ward, {"good.safetensors": TENSORS, "model.safetensors": REFUSED[name]})
    assert caught.value.code == "unsafe_model_file"
    assert not TrainedModel.objects.filter(name="bought").exists()
    assert unreferenced() == []


@pytest.mark.parametrize("name", ["../w.safetensors", "a/b", "", ".hidden", "ü", "a" * 101])
def test_a_file_name_with_a_folder_or_odd_letters_is_refused(ward, name):
    with pytest.raises(Invalid) as caught:
        register(ward, {name: TENSORS})
    assert caught.value.code == "bad_file_name"


def test_files_and_gaps_must_be_named(ward):
    with pytest.raises(Invalid) as caught:
        register(ward, {})
    assert caught.value.code == "no_files"
    for gaps in ([], [" "], ["x" * 201]):
        with pytest.raises(Invalid) as caught:
            register(ward, {"w": TENSORS}, gaps=gaps)
        assert caught.value.code == "gaps_missing"


def test_in_doubt_everyone_in_its_dataset_is_affected_and_nobody_else(ward):
    made = register(ward, {"w": TENSORS})
    register(ward, {"w": TENSORS}, name="of unknown data", dataset=None)
    assert list(affected_checkpoints(ward.subject(3))) == [made]
    assert not affected_checkpoints(ward.subject(103)).exists()


def test_a_taken_name_leaves_no_object_behind(ward):
    register(ward, {"w": TENSORS})
    with pytest.raises(Conflict):
        register(ward, {"w": XGBOOST})
    assert unreferenced() == [] and not StoredObject.objects.filter(status="pending").exists()


def test_a_full_store_changes_nothing(ward, full_disk):
    with pytest.raises(StorageFull):
        register(ward, {"w": TENSORS})
    assert not Checkpoint.objects.exists() and unreferenced() == []


def test_destroyed_weights_do_not_come_back_by_this_door(ward):
    made = register(ward, {"w": TENSORS})
    destroy(made.object_digest)
    with pytest.raises(Destroyed):
        register(ward, {"w": TENSORS}, name="again")
    assert StoredObject.objects.get(digest=made.object_digest).status == "destroyed"


def test_nor_under_another_file_name_nor_beside_a_file_that_is_new(ward):
    made = register(ward, {"w": TENSORS})
    destroy(made.object_digest)
    for files in ({"model.safetensors": TENSORS}, {"w": TENSORS, "x": XGBOOST}):
        with pytest.raises(Destroyed):
            register(ward, files, name="again")
    assert not StoredObject.objects.exclude(status="destroyed").exclude(digest__in=snapshots()).exists()
    register(ward, {"w": XGBOOST}, name="new")


def test_nor_where_they_were_destroyed_after_the_first_look(ward, monkeypatch):
    """Whoever stores the same bytes waits while they are shredded, and would bring them back."""
    made = register(ward, {"w": TENSORS})
    destroy(made.object_digest)
    monkeypatch.setattr("governance.lineage.foreign.refuse_destroyed", lambda _files: None)
    with pytest.raises(Destroyed):
        register(ward, {"w": TENSORS}, name="again")
    assert not StoredObject.objects.exclude(status="destroyed").exclude(digest__in=snapshots()).exists()
    assert unreferenced() == []


def snapshots():
    return Snapshot.objects.values("object_digest")


def test_nor_does_the_packed_file_of_a_model_that_was_taught_here(ward, tmp_path):
    data = packed_file(tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "weights").mkdir()
    packed_file(tmp_path / "weights" / "model.safetensors")
    digest = put_folder(tmp_path / "weights", owner="a job")
    hold(digest)
    destroy(digest)
    with pytest.raises(Destroyed):
        register(ward, {"bought.bin": data})
