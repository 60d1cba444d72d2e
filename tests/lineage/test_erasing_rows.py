"""Erasing a person whom no model learned from: every stored object loses the rows, and nothing else changes."""

import struct

import pytest
from django.utils import timezone

from governance.actors import WORKER
from governance.errors import Conflict
from governance.lineage.models import ErasedRecord, Snapshot, SnapshotRow
from governance.lineage.selectors import live_snapshots_of, records_of
from governance.lineage.services import register_dataset, remove_rows, take_snapshot
from governance.lineage.snapshots import snapshot_faults
from governance.objects.destruction import unreferenced
from governance.objects.store import root
from tests.lineage.ward import columns, parquet

pytestmark = pytest.mark.django_db


def stored(pattern):
    return [path for path in root().rglob("*") if path.is_file() and pattern in path.read_bytes()]


def remove(ward, number):
    return remove_rows(subject=ward.subject(number), at=timezone.now(), thread="er_test", actor=WORKER)


def test_no_byte_of_the_persons_rows_is_left_in_any_snapshot(ward):
    take_snapshot(dataset=ward.dataset, parquet=parquet(columns(range(2, 25))), actor=ward.actor)
    row = struct.pack("<4d", *columns()["features"][4])
    assert len(stored(row)) == 2
    assert len(remove(ward, 4)) == 2
    assert stored(row) == [] and unreferenced() == []
    assert len(stored(struct.pack("<4d", *columns()["features"][5]))) == 2
    assert not live_snapshots_of(ward.subject(4)).exists()
    assert all(snapshot_faults(each) == [] for each in Snapshot.objects.all())


def test_the_person_and_records_are_marked_and_their_salts_are_gone(ward):
    remove(ward, 4)
    record = records_of(ward.subject(4)).get()
    assert record.erased_at is not None and ward.subject(4).erased_at is not None
    assert ErasedRecord.objects.filter(rid=record.rid).exists()
    assert not SnapshotRow.objects.filter(record=record).exclude(salt=None).exists()
    assert ward.subject(5).erased_at is None


def test_a_snapshot_of_this_person_alone_goes_without_a_successor(ward):
    diary = register_dataset(name="diary", feature_width=4, rows_per_subject=1, actor=ward.actor)
    alone = take_snapshot(dataset=diary, parquet=parquet(columns([4])), actor=ward.actor)
    remove(ward, 4)
    alone.refresh_from_db()
    assert alone.destroyed_at is not None and not alone.children.exists()


def test_a_second_call_finishes_what_a_crash_left(ward, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("governance.lineage.erasure.forget", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            remove(ward, 4)
    remove(ward, 4)
    assert ward.snapshot.children.count() == 1
    assert stored(struct.pack("<4d", *columns()["features"][4])) == [] and unreferenced() == []


def test_where_a_model_learned_from_the_person_the_way_is_a_plan(ward):
    ward.checkpoint()
    with pytest.raises(Conflict) as caught:
        remove(ward, 4)
    assert caught.value.code == "models_affected"
    assert ward.subject(4).erased_at is None and ward.snapshot.children.count() == 0
