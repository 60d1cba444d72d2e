"""Bases: what others taught may be started from, what was taught here may not, and every refusal says what to do."""

import errno
import os

import pytest
from django.core.management import CommandError, call_command

from evidence.canonical import digest_json
from governance.actors import person
from governance.audit.models import Entry
from governance.errors import Conflict, Destroyed, Invalid, NotCertifiable, StorageFull
from governance.jobs.models import Job
from governance.jobs.submission import submit
from governance.lineage.models import Base, Checkpoint, TrainingRun
from governance.lineage.services import (
    register_base,
    register_dataset,
    register_foreign_checkpoint,
    register_model,
    start_training,
    take_snapshot,
)
from governance.objects.destruction import destroy, unreferenced
from governance.objects.models import StoredObject
from governance.objects.references import held_for_nothing
from governance.objects.store import hold, put_folder, root
from tests.lineage.packed import packed_file
from tests.lineage.test_texts import EACH, file_of, told
from tests.lineage.ward import PROBLEM as NUMBERS

pytestmark = pytest.mark.django_db
SOURCE = "Nobody's Llama, revision 1"
ADAPTER = {"epochs": 1, "adapter": {"name": "house", "rank": 2, "alpha": 4.0, "targets": ["q_proj"]}}


@pytest.fixture
def press(operator):
    return register_dataset(name="press", kind="texts", rows_per_subject=EACH, actor=operator)


@pytest.fixture
def take(operator, tmp_path):
    def do(name="small", *, source=SOURCE, learned_from=None, **file):
        path = packed_file(tmp_path / "any.safetensors", **file)
        return register_base(name=name, file=path, source=source, learned_from=learned_from, actor=operator)

    return do


def registered(dataset, operator, name="writer", **more):
    asked = {"engine": "language.train", "problem": ADAPTER, "cap_mu": None, "cap_delta": None, **more}
    return register_model(name=name, dataset=dataset, actor=operator, **asked)


def code_of(error, what):
    with pytest.raises(error) as refusal:
        what()
    assert refusal.value.remedy or refusal.value.code == "name_taken"
    return refusal.value.code


def test_a_base_is_the_start_of_every_training_and_the_trail_names_its_weights(press, operator, take):
    pages, base = take_snapshot(dataset=press, parquet=file_of(told()), actor=operator), take()
    model = registered(press, operator, base=base)
    assert model.public_inputs == {"base": base.object_digest}
    start_training(model=model, snapshot=pages, actor=operator)
    assert Job.objects.get().spec["inputs"]["base"]["digest"] == base.object_digest
    leaf = bytes(Entry.objects.get(thread=base.ref).leaf).decode()
    assert base.object_digest in leaf and digest_json(SOURCE) in leaf and SOURCE not in leaf
    assert base.object_digest.encode() in bytes(Entry.objects.get(thread=model.ref).leaf)
    assert (base.architecture, held_for_nothing()) == ("llama", [])


@pytest.mark.parametrize(
    "odd",
    [
        {"format": "obelus/language/2"},
        {"config": {}},
        {"config": {"model_type": "llama", "auto_map": {}}},
        {"config": {"model_type": "l" * 61}},
        {"config": {"model_type": "\0"}},
        {"tokenizer": None},
        {"adapters": {"house": {"rank": 1}}},
        {"tensor": "adapter:house:weight"},
    ],
)
def test_nothing_else_passes_for_a_base(take, odd):
    assert code_of(Invalid, lambda: take(**odd)) == "bad_base"
    assert not Base.objects.exists() and not StoredObject.objects.exists()


def test_a_file_that_goes_on_after_its_last_tensor_is_none(operator, tmp_path):
    path = packed_file(tmp_path / "any.safetensors")
    path.write_bytes(path.read_bytes() + b"more")
    what = {"name": "small", "source": SOURCE, "actor": operator}
    assert code_of(Invalid, lambda: register_base(file=path, **what)) == "bad_base"


def test_a_base_needs_its_source_and_comes_in_once(take):
    assert code_of(Invalid, lambda: take(source=" ")) == "source_missing"
    take()
    assert code_of(Conflict, lambda: take("again")) == "base_known"
    before = StoredObject.objects.count()
    assert code_of(Conflict, lambda: take(weights=bytes(4))) == "name_taken"
    assert StoredObject.objects.count() == before


@pytest.mark.parametrize("name", ["", "x" * 121])
def test_a_name_that_cannot_be_kept_is_told_before_anything_is_stored(take, name):
    assert code_of(Invalid, lambda: take(name)) == "bad_name"
    assert not StoredObject.objects.exists()


def refused_by_the_disk(number):
    def fail(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("where", "number", "code"),
    [
        ("tempfile.TemporaryDirectory", errno.EACCES, "storage_unwritable"),
        ("shutil.copyfile", errno.ENOSPC, "storage_full"),
        ("os.fsync", errno.EROFS, "storage_unwritable"),
    ],
)
def test_a_disk_that_takes_nothing_says_so_and_leaves_nothing(take, monkeypatch, tmp_path, where, number, code):
    packed_file(tmp_path / "any.safetensors")
    with monkeypatch.context() as disk:
        disk.setattr(where, refused_by_the_disk(number))
        assert code_of(StorageFull, take) == code
    assert not Base.objects.exists() and not StoredObject.objects.exists()
    assert unreferenced() == [] and not [path for path in root().rglob("*") if path.is_file()]
    take()


def test_what_was_taught_here_is_no_base(press, operator, take, tmp_path, monkeypatch):
    assert code_of(NotCertifiable, lambda: take(learned_from=[press])) == "base_taught_here"
    model = registered(press, operator, problem={"epochs": 1})
    folder = tmp_path / "weights"
    folder.mkdir()
    packed_file(folder / "model.safetensors", weights=b"learned!")
    digest = put_folder(folder, owner="test")
    hold(digest)
    run = TrainingRun.objects.create(model=model)
    Checkpoint.objects.create(model=model, run=run, object_digest=digest)
    assert code_of(NotCertifiable, lambda: take(weights=b"learned!")) == "base_taught_here"
    # Not by another door either: the file alone, in a folder of another name.
    Checkpoint.objects.all().delete()
    # Retrained references are no checkpoint, and they learned from people here.
    made = submit(engine="noop", params={"steps": 1}, actor=operator)
    Job.objects.filter(pk=made.pk).update(weights=digest)
    assert code_of(NotCertifiable, lambda: take(weights=b"learned!")) == "base_taught_here"
    Job.objects.update(weights="")
    destroy(digest)
    assert code_of(Destroyed, lambda: take(weights=b"learned!")) == "destroyed"
    monkeypatch.setattr("governance.lineage.bases.refuse_known", lambda _folder: None)  # it was shredded after that
    assert code_of(Destroyed, lambda: take(weights=b"learned!")) == "destroyed" and unreferenced() == []


def test_a_base_does_not_come_in_again_as_a_checkpoint_whose_erasure_would_leave_it(press, operator, take, tmp_path):
    take()
    data = packed_file(tmp_path / "again.safetensors").read_bytes()
    for name in ("model.safetensors", "other.safetensors"):
        what = {"dataset": press, "files": {name: data}, "gaps": ["all"], "actor": operator}
        assert code_of(Conflict, lambda given=what: register_foreign_checkpoint(name="bought", **given)) == "is_a_base"
    assert not Checkpoint.objects.exists() and held_for_nothing() == []


def test_a_base_is_never_destroyed_with_a_checkpoint_that_has_its_bytes(take):
    base = take()
    destroy(base.object_digest)
    assert StoredObject.objects.get(digest=base.object_digest).status == StoredObject.Status.HELD


def test_a_model_names_a_base_alone_and_an_adapter_stands_on_one(ward, press, operator, take):
    base, tokenizer = take(), {"format": "obelus/tokenizer/1", "tokenizer": {}}
    refusals = [
        code_of(Invalid, lambda: registered(press, operator, base=base, problem={**ADAPTER, "width": 32})),
        code_of(Invalid, lambda: registered(press, operator, base=base, tokenizer=tokenizer)),
        code_of(Invalid, lambda: registered(press, operator)),
        code_of(Invalid, lambda: registered(press, operator, base=base, problem={"epochs": 1, "adapter": {}})),
    ]
    assert refusals == ["bad_base", "bad_base", "base_missing", "bad_parameters"]
    numbers = {"engine": "certified.train", "problem": NUMBERS, "base": base}
    assert code_of(Invalid, lambda: registered(ward.dataset, operator, **numbers)) == "bad_base"


def test_a_base_too_large_for_an_upload_comes_in_by_a_command(folk, tmp_path, capsys):
    file = packed_file(tmp_path / "any.safetensors")
    call_command("register_base", "small", str(file), "--source", SOURCE, "--as", folk.operator.username)
    assert person(folk.operator, "operator") and Base.objects.get().ref in capsys.readouterr().out
    with pytest.raises(CommandError, match="role of operator"):
        call_command("register_base", "other", str(file), "--source", SOURCE, "--as", folk.officer.username)
    with pytest.raises(CommandError, match="already"):
        call_command("register_base", "other", str(file), "--source", SOURCE, "--as", folk.operator.username)
