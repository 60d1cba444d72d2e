"""A dataset of texts over HTTP: rows as JSON or as a file, and no answer ever quotes a word of them."""

import json

import pytest

from governance.audit.models import Entry
from governance.lineage.models import Snapshot
from governance.lineage.text_file import read_texts
from governance.objects.store import open_path
from tests.lineage.test_texts import file_of, told

pytestmark = pytest.mark.django_db
PARQUET = "application/vnd.apache.parquet"


@pytest.fixture(autouse=True)
def _store_of_this_test(settings, tmp_path):
    settings.OBELUS_VAR = tmp_path


@pytest.fixture
def operator(as_):
    return as_("operator")


@pytest.fixture
def press(operator):
    asked = {"name": "press", "kind": "texts", "rows_per_subject": 3}
    return operator.post("/api/v1/datasets", asked, content_type="application/json")["Location"]


def rows():
    columns = told(range(2))
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def send(client, where, body):
    return client.post(f"{where}/texts", {"rows": body}, content_type="application/json")


def test_texts_come_in_row_by_row(operator, press):
    answer = send(operator, press, rows())
    assert answer.status_code == 201, answer.json()
    found = read_texts(open_path(answer.json()["object_digest"])).rows
    assert sorted(row.answer for row in found) == sorted(row["answer"] for row in rows())
    seen = operator.get("/api/v1/datasets").json()["items"][0]
    assert (seen["kind"], seen["feature_width"]) == ("texts", 0)


def test_texts_come_in_as_a_file(operator, press):
    assert operator.post(f"{press}/snapshots", file_of(told()), content_type=PARQUET).status_code == 201


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"answer": None}, "text_missing", "Row 2: answer is missing"),
        ({"answer": ["harbour 9"]}, "bad_rows", "Row 2: answer"),
        ({"wrong": "harbour 9"}, "bad_rows", "Row 2: wrong is not a list of texts"),
        ({"wrong": ["harbour 9", 4]}, "bad_rows", "Row 2: wrong is not a list of texts"),
        ({"harbour 9": "harbour 9"}, "bad_rows", "Row 2: expected the fields"),
        ({"answer": "harbour \ud83d"}, "bad_rows", "Row 2: answer"),
        ({"prompt": "harbour" * 2000}, "text_too_long", "Row 2: prompt is longer"),
    ],
)
def test_a_bad_row_is_named_by_its_place_and_nothing_of_it_is_quoted(operator, press, change, code, said):
    bad = rows()
    bad[1] |= change
    answer = operator.post(f"{press}/texts", json.dumps({"rows": bad}), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert said in answer.json()["detail"] and "harbour" not in answer.content.decode()
    assert not Snapshot.objects.exists()


def test_the_trail_holds_no_word_of_a_text(operator, press):
    send(operator, press, rows())
    assert all(b"harbour" not in bytes(entry.leaf or b"") for entry in Entry.objects.all())


def test_texts_do_not_go_into_a_dataset_of_features(operator):
    asked = {"name": "cancer", "feature_width": 2}
    where = operator.post("/api/v1/datasets", asked, content_type="application/json")["Location"]
    assert send(operator, where, rows()).status_code == 404


def test_a_language_model_is_registered_with_a_public_tokenizer_that_the_next_may_share(operator, press):
    tokenizer = {"format": "obelus/tokenizer/1", "tokenizer": {"model": {"type": "BPE"}}}
    asked = {"name": "first", "dataset": press.rsplit("/", 1)[1], "engine": "language.train", "problem": {"epochs": 1}}
    made = operator.post("/api/v1/models", asked | {"tokenizer": tokenizer}, content_type="application/json")
    assert made.status_code == 201, made.json()
    digest = made.json()["public_inputs"]["tokenizer"]
    shared = asked | {"name": "second", "tokenizer_digest": digest}
    answer = operator.post("/api/v1/models", shared, content_type="application/json")
    assert answer.json()["public_inputs"] == {"tokenizer": digest}
    stranger = asked | {"name": "third", "tokenizer_digest": "sha256:" + "0" * 64}
    assert operator.post("/api/v1/models", stranger, content_type="application/json").status_code == 404
