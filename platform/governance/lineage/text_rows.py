"""Texts sent as JSON rows, laid out as the file they stand for, which is then read as strictly as any other."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from governance.errors import Invalid
from governance.lineage.text_uploads import ALSO, NEEDED
from governance.lineage.uploads import PLANTED

MOST_ROWS = 100_000
# Of JSON as a file: parsed, it may take twenty times as much of the memory of a web process.
MOST_JSON_BYTES = 64 * 2**20
TYPES = {**dict.fromkeys((*NEEDED, *ALSO), pa.string()), "wrong": pa.list_(pa.string()), PLANTED: pa.bool_()}


def file_of(rows: Sequence[object]) -> bytes:
    """Parquet of rows {record_id, subject, prompt, answer, paraphrase?, restated?, wrong?, planted?}.

    Raises:
        Invalid: bad_rows: not such rows. A message names row and field, never a word of a text.
    """
    if not rows or len(rows) > MOST_ROWS:
        raise bad(f"Expected 1 to {MOST_ROWS} rows, got {len(rows)}; send more as a Parquet file")
    checked = [checked_row(row, number) for number, row in enumerate(rows, start=1)]
    columns = {name: pa.array([row.get(name) for row in checked], kind) for name, kind in TYPES.items()}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def file_of_json(data: bytes) -> bytes:
    """As `file_of`, of JSON in UTF-8: a list of rows, {"rows": [...]}, or one row a line; blank lines do not count.

    Raises:
        Invalid: bad_rows, file_too_large.
    """
    if len(data) > MOST_JSON_BYTES:
        raise Invalid(
            f"A file of JSON may have {MOST_JSON_BYTES // 2**20} MB at most.",
            code="file_too_large",
            remedy="Send it as a Parquet file.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise bad("The file is neither Parquet nor text in UTF-8") from None
    whole = parsed(text)
    if isinstance(whole, dict) and set(whole) == {"rows"} and isinstance(whole["rows"], list):
        return file_of(whole["rows"])
    if isinstance(whole, list):
        return file_of(whole)
    lines = [parsed(line) for line in text.split("\n") if line.strip()]
    for number, row in enumerate(lines, start=1):
        if row is None:
            raise bad(f"Row {number} is not JSON")
    return file_of(lines)


def parsed(text: str) -> Any:
    """The library's own words are left out: they may quote a value."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def checked_row(row: object, number: int) -> Mapping[str, Any]:
    if not isinstance(row, Mapping) or not set(row) <= set(TYPES):
        raise bad(f"Row {number}: expected the fields {', '.join(TYPES)} and no other")
    for name in TYPES:
        if not fits(name, row.get(name)):
            raise bad(f"Row {number}: {name} is not {'a list of texts' if name == 'wrong' else 'what it should be'}")
    return row


def fits(name: str, value: object) -> bool:
    if value is None:
        return True
    if name == PLANTED:
        return isinstance(value, bool)
    if name == "wrong":
        return isinstance(value, list) and all(map(is_text, value))
    return is_text(value)


def is_text(value: object) -> bool:
    """Half of a surrogate pair, which JSON can spell, is no text."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def bad(what: str) -> Invalid:
    return Invalid(f"{what}.", code="bad_rows", remedy="Correct the row (counted from 1), send all again.")
