"""The text dataset object: one Parquet file of questions and answers. No message here ever quotes a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from unlearning.runner.refusals import Refused

_SCHEMA = pa.schema(
    [
        pa.field("slot", pa.int64()),
        pa.field("prompt", pa.string()),
        pa.field("answer", pa.string()),
        pa.field("paraphrase", pa.string()),
        pa.field("restated", pa.string()),
        pa.field("wrong", pa.list_(pa.string())),
    ]
)
_EXPECTED = "slot: int64; prompt, answer, paraphrase, restated: string; wrong: list<string>"


@dataclass(frozen=True)
class TextRow:
    """One question with its answer. paraphrase: the prompt in other words; restated: the answer in other words.

    wrong: answers of the form of `restated` with other facts.
    """

    slot: int
    prompt: str
    answer: str
    paraphrase: str | None = None
    restated: str | None = None
    wrong: tuple[str, ...] = ()


def read_texts(path: Path, rows: Sequence[int]) -> list[TextRow]:
    """Read the rows with these indexes, in this order; the texts of other rows are never looked at.

    Raises: Refused with TEXTS_UNREADABLE, SLOT_REPEATED, NO_ROWS, ROW_OUT_OF_RANGE, TEXT_MISSING or TEXT_EMPTY.
    """
    file = _open(path)
    _check_indexes(rows, total=file.metadata.num_rows)
    # Row group by row group would be needed for gigabytes; texts of a forget-and-retain job are megabytes.
    try:
        entries = file.read().take(pa.array(rows, pa.int64())).to_pylist()
    except ValueError as error:  # letters that are none: a writer elsewhere need not check them
        raise _unreadable() from error
    return [_sound(TextRow(**entry | {"wrong": _wrong(entry["wrong"])})) for entry in entries]


def count_texts(path: Path) -> int:
    """How many rows the object holds.

    Raises: Refused with TEXTS_UNREADABLE or SLOT_REPEATED.
    """
    return int(_open(path).metadata.num_rows)


def write_texts(path: Path, rows: Sequence[TextRow]) -> None:
    """Write a text object: uncompressed, no dictionary, no statistics (a column's minimum is a person's words).

    Raises: Refused with SLOT_REPEATED, TEXT_MISSING, TEXT_EMPTY or TEXT_NOT_UNICODE.
    """
    if len({row.slot for row in rows}) != len(rows):
        raise _repeated()
    if not all(map(_writable, rows)):
        raise Refused("TEXT_NOT_UNICODE", "expected texts in Unicode, got half a letter.", "Decode the source anew.")
    columns = {name: [getattr(_sound(row), name) for row in rows] for name in _SCHEMA.names}
    table = pa.table({**columns, "wrong": [list(row.wrong) for row in rows]}, schema=_SCHEMA)
    pq.write_table(table, path, compression="none", use_dictionary=False, write_statistics=False)


def _open(path: Path) -> Any:
    try:
        file = pq.ParquetFile(path, memory_map=True, pre_buffer=False)
        slots = file.read(columns=["slot"])
    except (OSError, ValueError, KeyError) as error:
        # The library's own text is left out: it may quote a value of the file.
        raise _unreadable() from error
    # Types are compared, not the whole schema: a writer elsewhere may call the element of a list by another name.
    found = [(field.name, field.type) for field in file.schema_arrow]
    if [name for name, _ in found] != _SCHEMA.names or any(
        not _same(kind, field.type) for (_, kind), field in zip(found, _SCHEMA, strict=True)
    ):
        raise _unreadable()
    column = slots.column("slot")
    if column.null_count:
        raise _unreadable()
    if len(set(column.to_pylist())) != file.metadata.num_rows:
        raise _repeated()
    return file


def _same(kind: Any, expected: Any) -> bool:
    if pa.types.is_list(expected):
        return bool(pa.types.is_list(kind) and kind.value_type == pa.string())
    return bool(kind == expected)


def _wrong(texts: list[str | None] | None) -> tuple[str, ...]:
    if texts is None or None in texts:
        raise Refused("TEXT_MISSING", "expected a list of wrong answers, found gaps.", "Write an empty list for none.")
    return tuple(text for text in texts if text is not None)


def _sound(row: TextRow) -> TextRow:
    if row.prompt is None or row.answer is None:
        raise Refused("TEXT_MISSING", "expected a prompt and an answer in every row, found gaps.", "Repair the rows.")
    given = (row.prompt, row.answer, row.paraphrase, row.restated, *row.wrong)
    if any(text is not None and not text.strip() for text in given):
        raise Refused("TEXT_EMPTY", "expected words in every text, found one without.", "Leave out what is empty.")
    return row


def _writable(row: TextRow) -> bool:
    texts = (row.prompt, row.answer, row.paraphrase or "", row.restated or "", *row.wrong)
    return not any("\ud800" <= letter <= "\udfff" for text in texts if text is not None for letter in text)


def _check_indexes(rows: Sequence[int], *, total: int) -> None:
    if not rows:
        raise Refused("NO_ROWS", "expected at least one row index, got none.", "Name the rows in the manifest.")
    if min(rows) < 0 or max(rows) >= total:
        raise Refused(
            "ROW_OUT_OF_RANGE", f"expected row indexes below {total}, got some beyond.", "Make the manifest anew."
        )


def _unreadable() -> Refused:
    return Refused("TEXTS_UNREADABLE", f"expected Parquet with {_EXPECTED}.", "Write the object anew.")


def _repeated() -> Refused:
    return Refused("SLOT_REPEATED", "expected each slot number once, found one twice.", "Give each row its own.")
