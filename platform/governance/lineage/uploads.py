"""Reading an uploaded Parquet file, strictly. A message names the row, never the id or a value.

Letters: N rows, F features.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from governance.errors import Invalid
from governance.lineage.identifiers import LONGEST, tidy
from governance.lineage.unpacking import unpacked_bytes

COLUMNS = {"record_id": "string", "subject": "string", "label": "int64", "features": "list<double>"}
# May be left out: which rows are canaries, planted rows of nobody whose measurements everybody may read.
PLANTED = "planted"
MOST_BYTES = 2**31
MOST_NAMED = 8  # rows with the same fault that a message names beside the first


@dataclass(frozen=True)
class Upload:
    """What a file said, row by row. features is float64, N x F. The last `guests` rows are nobody's (see guests.py)."""

    record_ids: list[str]
    subjects: list[str]
    labels: list[int]
    features: npt.NDArray[np.float64]
    planted: list[bool]
    guests: int = 0

    def __len__(self) -> int:
        return len(self.record_ids)


def read_upload(parquet: bytes, *, width: int, rows_per_subject: int) -> Upload:
    """Read and check a file of records; anything odd refuses the whole of it.

    Raises:
        Invalid: parquet_unreadable, wrong_columns, empty_dataset, record_missing, duplicate_record, subject_missing,
            label_not_integer, wrong_width, features_not_finite or too_many_rows_of_subject.
    """
    table = open_table(parquet, check_columns)
    record_ids, subjects = whose(table, rows_per_subject)
    labels = table.column("label").to_pylist()
    refuse_first(labels, lambda label: label is None, "label_not_integer", "the label is missing")
    return Upload(record_ids, subjects, labels, features(table, width), planted(table))


def whose(table: Any, rows_per_subject: int) -> tuple[list[str], list[str]]:
    """Ids of records and of people, row by row: every record once, nobody with more rows than the dataset allows."""
    if table.num_rows == 0:
        raise Invalid("The file has no rows.", code="empty_dataset", remedy="Upload at least one record.")
    record_ids = texts(table, "record_id", "record_missing")
    refuse_repeats(record_ids)
    subjects = texts(table, "subject", "subject_missing")
    refuse_crowding(subjects, rows_per_subject)
    return record_ids, subjects


def open_table(parquet: bytes, check: Callable[[Any], None]) -> Any:
    try:
        file = pq.ParquetFile(pa.BufferReader(parquet))
        check(file.schema_arrow)
        if unpacked_bytes(file, parquet, most=MOST_BYTES) > MOST_BYTES:
            raise Invalid(
                f"The file unpacks to more than {MOST_BYTES} bytes.",
                code="file_too_large",
                remedy="Leave out what is longer than a row may be, or register the data as several datasets.",
            )
        table = file.read().combine_chunks()
        table.validate(full=True)  # else a text that is no UTF-8 fails later, in words that quote it
        return table
    except (pa.ArrowException, OSError, ValueError) as error:
        # The library's own words are left out: they may quote a value.
        raise Invalid("The upload is no readable Parquet file.", code="parquet_unreadable") from error


def check_columns(schema: Any) -> None:
    listed = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    tests: dict[str, Callable[[Any], bool]] = {
        "record_id": is_text,
        "subject": is_text,
        "label": pa.types.is_int64,
        "features": lambda kind: any(is_kind(kind) for is_kind in listed) and kind.value_type == pa.float64(),
    }
    if sorted(set(schema.names) - {PLANTED}) != sorted(COLUMNS) or len(set(schema.names)) != len(schema.names):
        raise Invalid(f"Expected the columns {COLUMNS}, perhaps {PLANTED}, and no other.", code="wrong_columns")
    if not pa.types.is_integer(schema.field("label").type):
        raise Invalid("Labels must be int64; this file's are not integers.", code="label_not_integer")
    if PLANTED in schema.names:
        tests[PLANTED] = pa.types.is_boolean
    wrong = [name for name, fits in tests.items() if not fits(schema.field(name).type)]
    if wrong:
        raise Invalid(f"Expected the columns {COLUMNS}; {', '.join(wrong)} are of other types.", code="wrong_columns")


def is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def texts(table: Any, column: str, code: str) -> list[str]:
    found = table.column(column).to_pylist()
    refuse_first(found, lambda text: not text or not text.strip(), code, f"{column} is missing")
    refuse_first(found, lambda text: len(text) > LONGEST, code, f"{column} is longer than {LONGEST} characters")
    return [tidy(text) for text in found]


def refuse_repeats(record_ids: Sequence[str]) -> None:
    seen: dict[str, int] = {}
    for number, name in enumerate(record_ids, start=1):
        first = seen.setdefault(name, number)
        if first != number:
            raise Invalid(
                f"Row {number} has the record id of row {first}.",
                code="duplicate_record",
                remedy="Give every record an id of its own (rows are counted from 1).",
            )


def refuse_crowding(subjects: Sequence[str], most: int) -> None:
    count: Counter[str] = Counter()
    for number, subject in enumerate(subjects, start=1):
        count[subject] += 1
        if count[subject] > most:
            raise Invalid(
                f"Row {number} is one row too many of its person; this dataset allows {most} per person.",
                code="too_many_rows_of_subject",
                remedy="Leave rows out, or register a dataset with a higher public cap.",
            )


def planted(table: Any) -> list[bool]:
    """Which rows are canaries; none where the column is left out or empty."""
    if PLANTED not in table.column_names:
        return [False] * table.num_rows
    return [bool(value) for value in table.column(PLANTED).to_pylist()]


def features(table: Any, width: int) -> npt.NDArray[np.float64]:
    """The features as N x F, once every row has exactly F finite numbers."""
    lists = table.column("features").to_pylist()
    refuse_first(
        lists, lambda row: row is None or len(row) != width, "wrong_width", f"there are not exactly {width} features"
    )
    refuse_first(lists, lambda row: None in row, "features_not_finite", "a feature is missing")
    values = np.array(lists, dtype=np.float64).reshape(len(lists), width)
    finite = [bool(np.isfinite(row_F).all()) for row_F in values]
    refuse_first(finite, lambda fine: not fine, "features_not_finite", "a feature is not a finite number")
    return values


def refuse_first(values: Sequence[Any], bad: Callable[[Any], bool], code: str, what: str) -> None:
    """Refuse the file for every row that is bad: the first is named, and the others by their numbers."""
    wrong = [number for number, value in enumerate(values, start=1) if bad(value)]
    if wrong:
        said = f"Row {wrong[0]}: {what}{and_others(wrong[1:])}."
        raise Invalid(said, code=code, remedy="Correct what is named (rows are counted from 1), upload again.")


def and_others(numbers: list[int]) -> str:
    if not numbers:
        return ""
    shown = ", ".join(map(str, numbers[:MOST_NAMED]))
    left = len(numbers) - MOST_NAMED
    return f"; so it is in row{'s' if len(numbers) > 1 else ''} {shown}" + (f" and {left} more" if left > 0 else "")
