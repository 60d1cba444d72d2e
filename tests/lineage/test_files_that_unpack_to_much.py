"""A file of some kilobytes may stand for gigabytes: it is refused before it is unpacked."""

from typing import Any

import pytest

from governance.errors import Invalid
from governance.lineage import uploads
from governance.lineage.text_uploads import read_text_upload
from tests.lineage.test_texts import EACH, file_of, told
from tests.lineage.ward import WIDTH, columns, parquet

MOST = 100_000


@pytest.fixture(autouse=True)
def _limit(monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", MOST)


def many_times(**texts: Any) -> bytes:
    """Each text stands in every row, and once in the file."""
    table = told()
    return file_of(table | {name: [text] * len(table["answer"]) for name, text in texts.items()})


@pytest.mark.parametrize("texts", [{"answer": "x" * 20_000}, {"wrong": ["y" * 2_000] * 10}], ids=["texts", "lists"])
def test_texts_that_all_rows_share_count_as_often_as_they_stand_there(texts: Any) -> None:
    data = many_times(**texts)
    assert len(data) < MOST / 2
    with pytest.raises(Invalid, match="unpacks to more than 100000 bytes") as refusal:
        read_text_upload(data, rows_per_subject=EACH)
    assert refusal.value.code == "file_too_large" and refusal.value.remedy


def test_numbers_that_repeat_count_each(monkeypatch: Any) -> None:
    table = columns()
    data = parquet(table | {"features": [[0.0] * 5_000 for _ in table["features"]]})
    assert len(data) < MOST
    with pytest.raises(Invalid, match="unpacks to more"):
        uploads.read_upload(data, width=5_000, rows_per_subject=1)


def test_what_stays_below_is_read_as_before() -> None:
    assert len(read_text_upload(many_times(answer="x" * 2_000), rows_per_subject=EACH)) == len(told()["answer"])
    assert len(uploads.read_upload(parquet(columns()), width=WIDTH, rows_per_subject=1)) == len(columns()["label"])
