"""The forms a dataset's rows can have: how an upload is read, how rows are stored, what engines call them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from governance.lineage.admission import Incoming
from governance.lineage.dataset_file import Rows, read_rows
from governance.lineage.guests import with_guests
from governance.lineage.models import Dataset
from governance.lineage.text_file import Texts, read_texts
from governance.lineage.text_uploads import TextUpload, read_text_upload
from governance.lineage.uploads import Upload, read_upload


class StoredRows(Protocol):
    """Rows as a snapshot's object holds them, with their slots."""

    @property
    def slots(self) -> list[int]: ...

    def __len__(self) -> int: ...

    def pick(self, places: list[int]) -> Any: ...

    def digests(self) -> list[bytes]: ...

    def to_bytes(self) -> bytes: ...


@dataclass(frozen=True)
class Form:
    """input: under which name a job gets the object. upload: the file as read and checked, with guests.

    rows: those of an upload in this order, under these slots. read: all rows of an object.
    """

    input: str
    upload: Callable[[Dataset, bytes], Incoming]
    rows: Callable[[Any, list[int], list[int]], StoredRows]
    read: Callable[[Path], StoredRows]


def form_of(dataset: Dataset) -> Form:
    return FORMS[dataset.kind]


def numbers_in(dataset: Dataset, parquet: bytes) -> Incoming:
    upload = read_upload(parquet, width=dataset.feature_width, rows_per_subject=dataset.rows_per_subject)
    return with_guests(dataset, upload)


def numbers(upload: Upload, order: list[int], slots: list[int]) -> Rows:
    return Rows(slots, [upload.labels[place] for place in order], upload.features[order])


def texts_in(dataset: Dataset, parquet: bytes) -> Incoming:
    return with_guests(dataset, read_text_upload(parquet, rows_per_subject=dataset.rows_per_subject))


def texts(upload: TextUpload, order: list[int], slots: list[int]) -> Texts:
    return Texts(slots, [upload.texts[place] for place in order])


FORMS = {
    "features": Form("features", numbers_in, numbers, read_rows),
    "texts": Form("texts", texts_in, texts, read_texts),
}
