"""Rows of text come in strictly, lie where engines read them, and go with the person, down to the last byte."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from evidence.snapshot_form import absence_from_json, head_from_json, presence_from_json
from evidence.snapshots import verify_absence, verify_presence
from governance.errors import Conflict, Invalid
from governance.lineage.dataset_file import read_rows
from governance.lineage.identifiers import record_id, subject_index
from governance.lineage.models import Snapshot, Subject
from governance.lineage.selectors import absence_proof, presence_proof
from governance.lineage.services import forget, register_dataset, remove_rows, snapshot_without, take_snapshot
from governance.lineage.snapshots import snapshot_faults
from governance.lineage.text_file import Text, Texts, read_texts
from governance.lineage.text_uploads import LONGEST_TEXT, MOST_WRONG
from governance.objects.store import open_path
from tests.story.search import files_below, tables, traces

pytestmark = pytest.mark.django_db
PEOPLE, EACH = 5, 3


def told(people=range(PEOPLE)):
    """Three questions about each person; the last has no other words."""
    pairs = [(person, number) for person in people for number in range(EACH)]
    return {
        "record_id": [f"page-{person}-{number}" for person, number in pairs],
        "subject": [f"writer{person}@press.example" for person, _ in pairs],
        "prompt": [f"Where was writer {person} on day {number}?" for person, number in pairs],
        "answer": [f"Writer {person} slept in harbour {person}{number}." for person, number in pairs],
        "paraphrase": [f"On day {number}, where was {person}?" if number < 2 else None for person, number in pairs],
        "restated": [
            f"In harbour {person}{number} slept {person}." if number < 2 else None for person, number in pairs
        ],
        "wrong": [[f"Writer {person} flew.", "Nobody knows."] if number < 2 else None for person, number in pairs],
    }


def file_of(columns, **types):
    sink = io.BytesIO()
    pq.write_table(pa.table({name: pa.array(values, types.get(name)) for name, values in columns.items()}), sink)
    return sink.getvalue()


def changed(**edits):
    columns = told()
    for name, cells in edits.items():
        for row, value in cells.items():
            columns[name][row] = value
    return columns


def without(*names):
    return {name: values for name, values in told().items() if name not in names}


@pytest.fixture
def press(operator):
    return register_dataset(name="press", kind="texts", rows_per_subject=EACH, actor=operator)


@pytest.fixture
def pages(press, operator):
    return take_snapshot(dataset=press, parquet=file_of(told()), actor=operator)


def writer(number):
    return Subject.objects.get(index=subject_index(f"writer{number}@press.example"))


def test_texts_are_stored_as_engines_read_them(pages):
    found = read_texts(open_path(pages.object_digest))
    columns = told()
    assert [row.prompt for row in found.rows] == columns["prompt"]
    assert [list(row.wrong) or None for row in found.rows] == columns["wrong"]
    assert [row.paraphrase for row in found.rows] == columns["paraphrase"]
    schema = pq.read_schema(open_path(pages.object_digest))
    assert schema.names == ["slot", "prompt", "answer", "paraphrase", "restated", "wrong"]
    assert snapshot_faults(pages) == []


def test_the_columns_that_may_be_left_out_may_be_left_out(press, operator):
    bare = without("paraphrase", "restated", "wrong")
    snapshot = take_snapshot(dataset=press, parquet=file_of(bare), actor=operator)
    rows = read_texts(open_path(snapshot.object_digest)).rows
    assert rows[0] == Text(bare["prompt"][0], bare["answer"][0])


REFUSED = {
    "no answer": (changed(answer={4: None}), "text_missing", "Row 5: answer is missing"),
    "a blank prompt": (changed(prompt={0: " \n"}), "text_missing", "Row 1: prompt is missing"),
    "a blank paraphrase": (changed(paraphrase={3: ""}), "text_missing", "Row 4: paraphrase is blank"),
    "a blank wrong answer": (changed(wrong={3: ["no", ""]}), "text_missing", "Row 4: a text in wrong is missing"),
    "a long answer": (changed(answer={1: "x" * (LONGEST_TEXT + 1)}), "text_too_long", "Row 2: answer is longer"),
    "a long wrong answer": (changed(wrong={1: ["x" * (LONGEST_TEXT + 1)]}), "text_too_long", "Row 2: wrong"),
    "too many wrong answers": (changed(wrong={6: ["x"] * (MOST_WRONG + 1)}), "too_many_wrong", "Row 7"),
    "too many rows of a person": (
        changed(subject={3: "writer0@press.example"}),
        "too_many_rows_of_subject",
        "Row 4 is one row too many",
    ),
    "a record twice": (changed(record_id={1: "page-0-0"}), "duplicate_record", "Row 2"),
    "no answers": (without("answer"), "wrong_columns", "Expected the columns"),
    "a column too many": ({**told(), "title": ["x"] * PEOPLE * EACH}, "wrong_columns", "Expected the columns"),
    "numbers for answers": ({**told(), "answer": list(range(PEOPLE * EACH))}, "wrong_columns", "answer"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_text_refuses_the_file_and_no_word_of_it_is_said(press, operator, name):
    columns, code, said = REFUSED[name]
    with pytest.raises(Invalid, match=said) as refusal:
        take_snapshot(dataset=press, parquet=file_of(columns), actor=operator)
    assert refusal.value.code == code
    assert "harbour" not in refusal.value.detail and "xxx" not in refusal.value.detail
    assert not Snapshot.objects.exists()


def test_bytes_that_are_no_text_are_refused_without_a_word_of_them(press, operator):
    answers = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.array([0, 4], pa.int32()).buffers()[1], pa.py_buffer(b"Me\xff\xfe")]
    )
    one = {name: pa.array([values[0]]) for name, values in without("paraphrase", "restated", "wrong").items()}
    sink = io.BytesIO()
    pq.write_table(pa.table({**one, "answer": answers}), sink)
    with pytest.raises(Invalid) as refusal:
        take_snapshot(dataset=press, parquet=sink.getvalue(), actor=operator)
    assert refusal.value.code == "parquet_unreadable" and refusal.value.__cause__ is not None


def test_texts_have_no_features_and_no_extractor(operator):
    kept = {"name": "odd", "rows_per_subject": 1, "actor": operator}
    for wrong in ({"feature_width": 3}, {"public_extractor": "sha256:" + "0" * 64}):
        with pytest.raises(Invalid):
            register_dataset(kind="texts", **kept, **wrong)
    with pytest.raises(Invalid, match="one of features, texts"):
        register_dataset(kind="pictures", **kept)
    with pytest.raises(Invalid, match="at least 1 feature"):
        register_dataset(**kept)


def test_every_part_of_a_text_is_in_its_digest_and_a_missing_one_is_not_an_empty_one():
    texts = [
        Text("a", "b"),
        Text("ab", ""),
        Text("a", "b", ""),
        Text("a", "b", None, ""),
        Text("a", "b", None, None, ("",)),
        Text("a", "b", "c", "d", ("e", "f")),
        Text("a", "b", "c", "d", ("ef",)),
    ]
    assert len(set(Texts(list(range(len(texts))), texts).digests())) == len(texts)


def test_what_a_person_wrote_is_shown_to_have_been_there_and_to_be_gone(pages, operator):
    theirs = list(writer(1).records.all())
    later = snapshot_without(snapshot=pages, records=theirs, actor=operator)
    proof = presence_proof(pages, theirs[0])
    assert verify_presence(presence_from_json(proof["presence"]), head=head_from_json(proof["head"]))
    gone = absence_proof(later, theirs[0].rid)
    assert verify_absence(absence_from_json(gone["absence"]), head=head_from_json(gone["head"]))
    with pytest.raises(Conflict):
        absence_proof(pages, theirs[0].rid)
    assert len(read_texts(open_path(later.object_digest))) == (PEOPLE - 1) * EACH


def test_no_word_of_an_erased_person_is_left_anywhere(pages, operator, settings):
    needles = {
        f"{place} in {code}": f"harbour 2{place}".encode(code)
        for place in range(EACH)
        for code in ("utf-8", "utf-16-le")
    }
    assert traces(needles, files_below(settings.OBELUS_VAR / "objects"))
    remove_rows(subject=writer(2), at=timezone.now(), thread="req_" + "0" * 32, actor=operator)
    assert traces(needles, files_below(settings.OBELUS_VAR), tables()) == []
    kept = Snapshot.objects.get(destroyed_at=None)
    assert traces({"others": b"harbour 31"}, files_below(settings.OBELUS_VAR)) and kept.rows == (PEOPLE - 1) * EACH


def test_an_erased_persons_text_may_not_come_back(press, pages, operator):
    forget(records=list(writer(4).records.all()), at=timezone.now())
    with pytest.raises(Conflict) as refusal:
        take_snapshot(dataset=press, parquet=file_of(told()), actor=operator)
    assert refusal.value.code == "record_erased" and "Row 13" in refusal.value.detail


def test_a_dataset_of_numbers_is_stored_as_before(ward):
    assert len(read_rows(open_path(ward.snapshot.object_digest))) == ward.snapshot.rows
    assert record_id(ward.dataset, "scan-1")
