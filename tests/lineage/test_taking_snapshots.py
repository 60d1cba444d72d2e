"""A snapshot takes in a file of records strictly, keeps each record's slot, and lets nothing erased come back."""

import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from governance.audit.models import Entry
from governance.errors import Conflict, Destroyed, Invalid, StorageFull
from governance.lineage.identifiers import subject_index
from governance.lineage.models import Record, Snapshot, SnapshotRow, Subject
from governance.lineage.selectors import records_of, rows_of
from governance.lineage.services import forget, register_dataset, retire, snapshot_without, take_snapshot
from governance.lineage.snapshots import snapshot_faults
from governance.objects.destruction import unreferenced
from governance.objects.models import StoredObject
from governance.objects.store import open_path
from tests.lineage.ward import WIDTH, columns, parquet

pytestmark = pytest.mark.django_db


def changed(**edits):
    """The ward's table with some cells replaced: changed(label={3: None}) changes row 4."""
    table = columns()
    for column, cells in edits.items():
        for row, value in cells.items():
            table[column][row] = value
    return table


REFUSED = {
    "a record id twice": (changed(record_id={7: "scan-2"}), "duplicate_record", "Row 8 has the record id of row 3"),
    "a record id twice but for blanks": (changed(record_id={7: " scan-2 "}), "duplicate_record", "Row 8"),
    "no record id": (changed(record_id={4: None}), "record_missing", "Row 5"),
    "an empty record id": (changed(record_id={4: " "}), "record_missing", "Row 5"),
    "no subject": (changed(subject={0: None}), "subject_missing", "Row 1"),
    "NaN": (changed(features={9: [1.0, float("nan"), 0.0, 0.0]}), "features_not_finite", "Row 10"),
    "infinity": (changed(features={9: [1.0, float("-inf"), 0.0, 0.0]}), "features_not_finite", "Row 10"),
    "a missing feature": (changed(features={9: [1.0, None, 0.0, 0.0]}), "features_not_finite", "Row 10"),
    "too few features": (changed(features={19: [1.0] * 3}), "wrong_width", "Row 20"),
    "too many features": (changed(features={19: [1.0] * 5}), "wrong_width", "Row 20"),
    "no features": (changed(features={19: None}), "wrong_width", "Row 20"),
    "no label": (changed(label={2: None}), "label_not_integer", "Row 3"),
    "two rows of one person": (
        changed(subject={5: "patient1@ward.example"}),
        "too_many_rows_of_subject",
        "Row 6 is one row too many",
    ),
    "no rows": (columns([]), "empty_dataset", "no rows"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_row_refuses_the_whole_file_and_names_the_row_only(ward, name):
    table, code, message = REFUSED[name]
    before = (Snapshot.objects.count(), Record.objects.count(), Subject.objects.count(), StoredObject.objects.count())
    with pytest.raises(Invalid, match=message) as caught:
        take_snapshot(dataset=ward.dataset, parquet=parquet(table), actor=ward.actor)
    assert caught.value.code == code
    assert "scan" not in caught.value.detail and "patient" not in caught.value.detail
    after = (Snapshot.objects.count(), Record.objects.count(), Subject.objects.count(), StoredObject.objects.count())
    assert after == before


@pytest.mark.parametrize(
    ("types", "code"),
    [
        ({"label": pa.float64()}, "label_not_integer"),
        ({"label": pa.int32()}, "wrong_columns"),
        ({"features": pa.list_(pa.float32())}, "wrong_columns"),
        ({"record_id": pa.binary()}, "wrong_columns"),
    ],
)
def test_columns_of_another_type_are_refused(ward, types, code):
    table = columns()
    if types.get("record_id"):
        table["record_id"] = [name.encode() for name in table["record_id"]]
    with pytest.raises(Invalid) as caught:
        take_snapshot(dataset=ward.dataset, parquet=parquet(table, **types), actor=ward.actor)
    assert caught.value.code == code


def test_a_column_too_many_is_refused(ward):
    import io

    sink = io.BytesIO()
    table = pq.read_table(io.BytesIO(parquet(columns())))
    pq.write_table(table.append_column("name", pa.array(["x"] * 20)), sink)
    with pytest.raises(Invalid) as caught:
        take_snapshot(dataset=ward.dataset, parquet=sink.getvalue(), actor=ward.actor)
    assert caught.value.code == "wrong_columns"


@pytest.mark.parametrize("data", [b"", b"PAR1", b"record_id,subject\n1,2\n", parquet(columns())[:-20]])
def test_what_is_no_parquet_is_refused(ward, data):
    with pytest.raises(Invalid) as caught:
        take_snapshot(dataset=ward.dataset, parquet=data, actor=ward.actor)
    assert caught.value.code == "parquet_unreadable"


def test_a_known_record_keeps_its_slot_and_new_ones_get_new_numbers(ward):
    later = take_snapshot(dataset=ward.dataset, parquet=parquet(columns([25, 3, 21])), actor=ward.actor)
    slots = list(later.members.order_by("row").values_list("record__slot", flat=True))
    assert slots == [3, 20, 21]
    assert records_of(ward.subject(25)).get().slot == 20
    ward.dataset.refresh_from_db()
    assert ward.dataset.next_slot == 22


def test_the_object_is_laid_out_so_that_a_search_finds_a_rows_bytes(ward):
    path = open_path(ward.snapshot.object_digest)
    assert struct.pack("<4d", *columns()["features"][7]) in path.read_bytes()
    meta = pq.ParquetFile(path).metadata
    assert meta.num_row_groups == 1
    group = [meta.row_group(0).column(number) for number in range(3)]
    assert all(c.compression == "UNCOMPRESSED" and not c.has_dictionary_page and not c.is_stats_set for c in group)
    schema = pq.read_schema(path)
    assert [str(field.type) for field in schema][:2] == ["int64", "int64"]
    assert pa.types.is_fixed_size_list(schema.field("features").type)
    assert schema.field("features").type.list_size == WIDTH


def test_the_same_file_twice_gives_two_objects_that_no_guess_can_be_tested_on(ward):
    again = take_snapshot(dataset=ward.dataset, parquet=parquet(columns()), actor=ward.actor)
    assert again.object_digest != ward.snapshot.object_digest
    assert again.root != ward.snapshot.root
    assert snapshot_faults(again) == snapshot_faults(ward.snapshot) == []


def test_an_erased_record_cannot_come_back_and_the_trail_says_it_was_tried(ward):
    forget(records=list(records_of(ward.subject(4))), at=timezone.now())
    before = (Snapshot.objects.count(), Record.objects.count(), StoredObject.objects.count())
    table = changed(subject={4: "somebody.else@ward.example"})
    with pytest.raises(Conflict, match="Row 5 is a record that was erased") as caught:
        take_snapshot(dataset=ward.dataset, parquet=parquet(table), actor=ward.actor)
    assert caught.value.code == "record_erased"
    assert (Snapshot.objects.count(), Record.objects.count(), StoredObject.objects.count()) == before
    entry = Entry.objects.get(event="snapshot:refused")
    assert entry.thread == ward.dataset.ref and b'"code":"record_erased"' in bytes(entry.leaf)
    assert unreferenced() == []


def test_an_erased_person_cannot_come_back_under_a_new_record_id(ward):
    forget(records=list(records_of(ward.subject(4))), at=timezone.now())
    with pytest.raises(Conflict) as caught:
        take_snapshot(dataset=ward.dataset, parquet=parquet(changed(record_id={4: "renumbered"})), actor=ward.actor)
    assert caught.value.code == "subject_erased"


def test_a_record_never_changes_its_person(ward):
    table = changed(subject={2: "patient3@ward.example", 3: "patient2@ward.example"})
    with pytest.raises(Conflict, match="Row 3") as caught:
        take_snapshot(dataset=ward.dataset, parquet=parquet(table), actor=ward.actor)
    assert caught.value.code == "record_changed_hands"


def test_a_full_store_changes_nothing(ward, full_disk):
    before = (Snapshot.objects.count(), Record.objects.count(), StoredObject.objects.count())
    with pytest.raises(StorageFull):
        take_snapshot(dataset=ward.dataset, parquet=parquet(columns(range(30))), actor=ward.actor)
    assert (Snapshot.objects.count(), Record.objects.count(), StoredObject.objects.count()) == before
    assert unreferenced() == []


def test_a_failure_after_the_bytes_are_written_leaves_no_bytes(ward, monkeypatch):
    monkeypatch.setattr("governance.lineage.datasets.hold", lambda digest: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_snapshot(dataset=ward.dataset, parquet=parquet(columns()), actor=ward.actor)
    assert unreferenced() == []
    assert not StoredObject.objects.filter(status="pending").exists()


def test_a_snapshot_without_records_keeps_the_others_and_their_slots(ward):
    gone = list(records_of(ward.subject(4))) + list(records_of(ward.subject(9)))
    later = snapshot_without(snapshot=ward.snapshot, records=gone, actor=ward.actor)
    assert later.parent == ward.snapshot and later.rows == 18
    assert list(later.members.order_by("row").values_list("record__slot", flat=True)) == [
        slot for slot in range(20) if slot not in (4, 9)
    ]
    assert struct.pack("<4d", *columns()["features"][4]) not in open_path(later.object_digest).read_bytes()
    assert struct.pack("<4d", *columns()["features"][5]) in open_path(later.object_digest).read_bytes()
    assert rows_of(later, [ward.subject(4), ward.subject(5)]) == [4]
    assert snapshot_faults(later) == []
    salts = [bytes(salt) for salt in SnapshotRow.objects.values_list("salt", flat=True)]
    assert len(set(salts)) == len(salts)


def test_a_deletion_that_would_leave_nothing_is_refused(ward):
    everyone = list(Record.objects.filter(dataset=ward.dataset))
    with pytest.raises(Invalid) as caught:
        snapshot_without(snapshot=ward.snapshot, records=everyone, actor=ward.actor)
    assert caught.value.code == "empty_dataset"


def test_removing_records_that_are_not_there_is_refused(ward):
    with pytest.raises(Conflict) as caught:
        snapshot_without(snapshot=ward.snapshot, records=[], actor=ward.actor)
    assert caught.value.code == "nothing_to_remove"


def test_a_retired_snapshot_loses_its_bytes_and_salts_but_keeps_its_root(ward):
    path = open_path(ward.snapshot.object_digest)
    retire(ward.snapshot, at=timezone.now())
    assert not path.exists()
    assert not ward.snapshot.members.exclude(salt=None).exists()
    assert snapshot_faults(ward.snapshot) == []
    with pytest.raises(Destroyed):
        snapshot_without(snapshot=ward.snapshot, records=list(records_of(ward.subject(1))), actor=ward.actor)


def test_a_changed_object_is_noticed(ward):
    member = ward.snapshot.members.get(row=6)
    member.salt = bytes(32)
    member.save()
    assert any("row 7" in fault for fault in snapshot_faults(ward.snapshot))


def test_a_dataset_name_is_taken_once(ward):
    with pytest.raises(Conflict) as caught:
        register_dataset(name="ward", feature_width=1, rows_per_subject=1, actor=ward.actor)
    assert caught.value.code == "name_taken"


def test_the_trail_names_no_one_and_no_plain_digest_of_the_data(ward):
    leaves = b"".join(bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True))
    assert b"patient" not in leaves and b"scan" not in leaves
    assert ward.subject(1).index.encode() not in leaves
    assert ward.snapshot.root.encode() in leaves


def test_a_name_is_keyed_by_the_key_file_that_lies_there_now(settings: Any, tmp_path: Path):
    settings.KEYS = tmp_path
    first = subject_index("ann@example.org")
    assert subject_index("ann@example.org") == first
    (tmp_path / "index").unlink()
    second = subject_index("ann@example.org")
    assert second != first and subject_index("ann@example.org") == second
