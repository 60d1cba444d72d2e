"""Registering a dataset and adding versions in the console: looked at first, taken in whole, and never quoted."""

import json

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from governance.audit.models import Entry, Event
from governance.errors import StorageFull
from governance.lineage.identifiers import subject_index
from governance.lineage.models import Dataset, Snapshot, Subject
from governance.objects.models import StoredObject
from tests.console.forms import sent, signed_in, text_of, told, wrong_of
from tests.lineage.test_texts import changed, file_of
from tests.lineage.test_texts import told as letters
from tests.lineage.ward import columns, parquet

pytestmark = pytest.mark.django_db
FORM = "/console/datasets/new/"
WARD = {"kind": "features", "name": "ward", "feature_width": "4", "rows_per_subject": "1"}
PRESS = {"kind": "texts", "name": "press", "rows_per_subject": "3"}
# Of those who are in the files of these tests.
SECRETS = ("ward.example", "press.example", "harbour", "scan-", "page-")


@pytest.fixture(autouse=True)
def _store_of_this_test(settings, tmp_path):
    settings.OBELUS_VAR = tmp_path


@pytest.fixture
def operator(folk) -> Client:
    return signed_in(folk.operator)


@pytest.fixture
def ward(operator) -> Dataset:
    operator.post(FORM, WARD)
    return Dataset.objects.get(name="ward")


def version(client: Client, home: Dataset, data: bytes, **more):
    return client.post(f"/console/datasets/{home.ref}/version/", {"file": sent(data), **more})


def rows_as_json() -> list[dict]:
    values = letters()
    return [dict(zip(values, cells, strict=True)) for cells in zip(*values.values(), strict=True)]


def quotes_nobody(answer) -> bool:
    page = answer.content.decode()
    example = "patient-0017@clinic.example"
    return not any(secret in page.replace(example, "").replace("harbour master", "") for secret in SECRETS)


def test_a_dataset_of_numbers_is_registered_with_its_first_file(operator):
    answer = operator.post(FORM, WARD | {"file": sent(parquet(columns()))})
    home = Dataset.objects.get(name="ward")
    assert (home.feature_width, home.rows_per_subject, home.snapshots.get().rows) == (4, 1, 20)
    page = operator.get(answer["Location"])
    assert "its first version holds 20 rows" in text_of(page) and quotes_nobody(page)
    assert text_of(operator.get("/console/datasets/")).count("ward") == 1


def test_the_trail_says_the_same_whether_the_console_or_the_api_registered_it(operator):
    operator.post(FORM, WARD | {"file": sent(parquet(columns()))})
    asked = {"name": "by the API", "feature_width": 4, "rows_per_subject": 1}
    where = operator.post("/api/v1/datasets", asked, content_type="application/json")["Location"]
    kind = "application/vnd.apache.parquet"
    assert operator.post(f"{where}/snapshots", parquet(columns()), content_type=kind).status_code == 201
    for event in (Event.DATASET_REGISTERED, Event.SNAPSHOT_TAKEN):
        first, second = told(event)
        assert first == second


def test_texts_come_in_as_parquet_or_as_json(operator):
    lines = "\n".join(json.dumps(row) for row in rows_as_json()).encode() + b"\n\n"
    whole = [json.dumps(rows_as_json()).encode(), json.dumps({"rows": rows_as_json()}).encode()]
    for data in (file_of(letters()), lines, *whole):
        looked = operator.post(FORM, PRESS | {"file": sent(data), "do": "look"})
        page = text_of(looked)
        assert "15 rows" in page and "5 people" in page and "wrong answers in 10 of 15 rows" in page
        assert quotes_nobody(looked) and not Dataset.objects.exists()
    operator.post(FORM, PRESS | {"file": sent(lines)})
    assert Dataset.objects.get(kind="texts").snapshots.get().rows == 15


def test_a_look_counts_and_leaves_nothing_behind(operator, ward):
    entries = Entry.objects.count()
    before = operator.post(FORM, WARD | {"name": "other", "file": sent(parquet(columns())), "do": "look"})
    page = text_of(before)
    assert before.status_code == 200 and "Nothing was taken in yet." in page
    assert "20 rows" in page and "20 people" in page and "4 numbers and a label in each row" in page
    assert "Choose the file again" in page and 'value="other"' in before.content.decode()
    again = version(operator, ward, parquet(columns()), do="look")
    assert "20 people" in text_of(again) and quotes_nobody(again) and quotes_nobody(before)
    assert (Entry.objects.count(), Snapshot.objects.count(), StoredObject.objects.count()) == (entries, 0, 0)
    assert not Subject.objects.exists()


WRONG = [
    ({"name": ""}, "name", "Fill this in."),
    ({"rows_per_subject": "0"}, "rows_per_subject", "greater than or equal to 1"),
    ({"rows_per_subject": "many"}, "rows_per_subject", "integer"),
    ({"public_extractor": "sha256:no"}, "public_extractor", "required pattern"),
    ({"feature_width": "5"}, "file", "Row 1: there are not exactly 5 features; so it is in rows 2, 3, 4"),
    ({"data": b"nothing"}, "file", "no readable Parquet file"),
    ({"data": b""}, "file", "No file was chosen, or an empty one."),
]


def test_what_is_wrong_stands_beside_its_question_and_nothing_is_registered(operator):
    for change, beside, words in WRONG:
        data = change.get("data", parquet(columns()))
        answer = operator.post(FORM, WARD | {"file": sent(data)} | change)
        assert answer.status_code == 422 and list(wrong_of(answer)) == [beside], change
        assert words in wrong_of(answer)[beside]
        assert 'value="ward"' in answer.content.decode() or beside == "name"
    look = operator.post(FORM, WARD | {"feature_width": "0", "do": "look"})
    assert look.status_code == 422 and list(wrong_of(look)) == ["feature_width"]
    assert not Dataset.objects.exists() and not Entry.objects.filter(event__startswith="dataset").exists()


def test_json_that_would_fill_the_memory_is_not_parsed(operator, monkeypatch):
    monkeypatch.setattr("governance.lineage.text_rows.MOST_JSON_BYTES", 10)
    answer = operator.post(FORM, PRESS | {"file": sent(json.dumps(rows_as_json()).encode())})
    assert "Send it as a Parquet file." in wrong_of(answer)["file"] and not Dataset.objects.exists()


def test_a_name_that_is_taken_is_told_at_the_first_look(operator, ward):
    answer = operator.post(FORM, WARD | {"do": "look"})
    assert answer.status_code == 409 and "already a dataset of that name" in wrong_of(answer)["name"]


BAD = [
    (file_of(changed(answer={1: None, 4: " ", 7: ""})), "Row 2: answer is missing; so it is in rows 5, 8."),
    (json.dumps(rows_as_json())[:-9].encode(), "Row 1 is not JSON."),
    (b'{"record_id": "page-1"}\n{"harbour', "Row 2 is not JSON."),
    (b"\xff\xfeharbour", "neither Parquet nor text in UTF-8"),
    (json.dumps([{"harbour": 1}]).encode(), "Row 1: expected the fields"),
    (b"[]", "Expected 1 to 100000 rows, got 0"),
    (b"", "No file was chosen, or an empty one."),
]


def test_a_bad_row_of_texts_is_named_by_its_number_and_never_quoted(operator):
    for data, words in BAD:
        answer = operator.post(FORM, PRESS | {"file": sent(data), "do": "look"})
        assert answer.status_code == 422 and words in wrong_of(answer)["file"]
        assert quotes_nobody(answer)


def test_a_store_without_room_registers_nothing(operator, monkeypatch):
    def full(*_: object, **__: object) -> str:
        raise StorageFull("The object store has no room.", remedy="Free space.")

    monkeypatch.setattr("governance.lineage.datasets.put_bytes", full)
    answer = operator.post(FORM, WARD | {"file": sent(parquet(columns()))})
    assert answer.status_code == 507 and "no room" in wrong_of(answer)["file"]
    assert not Dataset.objects.exists() and not Subject.objects.exists()


def test_who_was_erased_does_not_come_back_and_the_trail_says_it_was_tried(operator, ward):
    Subject.objects.create(index=subject_index("patient3@ward.example"), erased_at=timezone.now())
    assert version(operator, ward, parquet(columns()), do="look").status_code == 200, "a look is no oracle"
    refused = version(operator, ward, parquet(columns()))
    assert refused.status_code == 409 and "Row 4 is of a person who was erased." in wrong_of(refused)["file"]
    first = operator.post(FORM, WARD | {"name": "new ward", "file": sent(parquet(columns()))}, follow=True)
    assert "registered without rows" in text_of(first) and "Row 4 is of a person" in text_of(first)
    assert Entry.objects.filter(event=Event.SNAPSHOT_REFUSED).count() == 2
    assert not Snapshot.objects.exists() and quotes_nobody(first) and quotes_nobody(refused)


def test_a_version_is_added_and_stands_on_the_datasets_page(operator, ward):
    assert "No rows yet" in text_of(operator.get(f"/console/datasets/{ward.ref}/"))
    for people, rows in ((range(20), 20), (range(25), 25)):
        answer = version(operator, ward, parquet(columns(people)))
        page = operator.get(answer["Location"])
        assert f"Done: a version of {rows} rows is taken in." in text_of(page) and quotes_nobody(page)
    assert ward.snapshots.count() == 2 and "as uploaded" in text_of(page)
    again = version(operator, ward, parquet(columns()), there="1")
    assert again.status_code == 409 and "perhaps by this very form" in text_of(again) and ward.snapshots.count() == 2
    for missing in (operator.post(f"/console/datasets/{ward.ref}/version/", {}), version(operator, ward, b"")):
        assert missing.status_code == 422 and "No file was chosen" in wrong_of(missing)["file"]


def test_rows_are_never_written_to_a_temporary_file_on_their_way_in(operator, ward, monkeypatch):
    def written(*_: object) -> None:
        raise AssertionError("a file was about to be written")

    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile", written)
    large = b"PAR1" + bytes(settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
    assert "no readable Parquet" in wrong_of(version(operator, ward, large))["file"]
    with pytest.raises(AssertionError, match="about to be written"):
        operator.post("/console/bases/new/", {"file": sent(large)})


def test_only_an_operator_registers_and_adds_and_only_with_the_token(folk, ward):
    data = sent(parquet(columns()))
    for user in (folk.officer, folk.approver, folk.auditor, folk.stranger):
        assert signed_in(user).post(FORM, WARD | {"name": "x", "file": data}).status_code == 403
        assert version(signed_in(user), ward, parquet(columns())).status_code == 403
    careful = signed_in(folk.operator, enforce_csrf_checks=True)
    assert careful.post(FORM, WARD | {"name": "x"}).status_code == 403
    assert version(careful, ward, parquet(columns())).status_code == 403
    assert Dataset.objects.count() == 1 and not Snapshot.objects.exists()
