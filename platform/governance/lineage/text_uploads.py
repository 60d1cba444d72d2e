"""Reading an uploaded file of texts, strictly. A message names the row and the field, never a word of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from governance.errors import Invalid
from governance.lineage.text_file import Text
from governance.lineage.uploads import PLANTED, is_text, open_table, planted, refuse_first, whose

NEEDED = ("record_id", "subject", "prompt", "answer")
# May be left out, or be empty in a row: the prompt and the answer in other words, and wrong answers.
ALSO = ("paraphrase", "restated", "wrong")
LONGEST_TEXT = 8000  # characters
MOST_WRONG = 16


@dataclass(frozen=True)
class TextUpload:
    """What a file said, row by row. The last `guests` rows are nobody's (see guests.py)."""

    record_ids: list[str]
    subjects: list[str]
    texts: list[Text]
    planted: list[bool]
    guests: int = 0

    def __len__(self) -> int:
        return len(self.record_ids)


def read_text_upload(parquet: bytes, *, rows_per_subject: int) -> TextUpload:
    """Read and check a file of texts; anything odd refuses the whole of it.

    Raises:
        Invalid: parquet_unreadable, wrong_columns, empty_dataset, record_missing, duplicate_record, subject_missing,
            too_many_rows_of_subject, text_missing, text_too_long or too_many_wrong.
    """
    table = open_table(parquet, check_columns)
    record_ids, subjects = whose(table, rows_per_subject)
    prompts, answers = needed(table, "prompt"), needed(table, "answer")
    again, restated = (perhaps(table, name) for name in ("paraphrase", "restated"))
    parts = zip(prompts, answers, again, restated, wrong_answers(table), strict=True)
    return TextUpload(record_ids, subjects, [Text(*part) for part in parts], planted(table))


def check_columns(schema: Any) -> None:
    names = set(schema.names)
    if not set(NEEDED) <= names <= {*NEEDED, *ALSO, PLANTED} or len(names) != len(schema.names):
        raise Invalid(
            f"Expected the columns {', '.join(NEEDED)}, perhaps {', '.join((*ALSO, PLANTED))}, and no other.",
            code="wrong_columns",
        )
    wrong = [name for name in schema.names if not kind_of(name)(schema.field(name).type)]
    if wrong:
        raise Invalid(f"Of other types than expected: {', '.join(wrong)}.", code="wrong_columns")


def kind_of(name: str) -> Callable[[Any], bool]:
    """What type a column may have; one in which every row is empty has none of its own."""
    if name in NEEDED:
        return is_text
    if name == PLANTED:
        return lambda kind: bool(pa.types.is_boolean(kind))
    return lambda kind: pa.types.is_null(kind) or (is_list(kind) if name == "wrong" else is_text(kind))


def is_list(kind: Any) -> bool:
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    return listed and (is_text(kind.value_type) or bool(pa.types.is_null(kind.value_type)))


def needed(table: Any, column: str) -> list[str]:
    found: list[str] = table.column(column).to_pylist()
    refuse_first(found, is_blank, "text_missing", f"{column} is missing")
    refuse_long(found, column)
    return found


def perhaps(table: Any, column: str) -> list[str | None]:
    if column not in table.column_names:
        return [None] * table.num_rows
    found: list[str | None] = table.column(column).to_pylist()
    refuse_first(found, lambda text: text is not None and is_blank(text), "text_missing", f"{column} is blank")
    refuse_long(found, column)
    return found


def wrong_answers(table: Any) -> list[tuple[str, ...]]:
    if "wrong" not in table.column_names:
        return [()] * table.num_rows
    found = [tuple(texts or ()) for texts in table.column("wrong").to_pylist()]
    refuse_first(
        found, lambda texts: len(texts) > MOST_WRONG, "too_many_wrong", f"wrong holds more than {MOST_WRONG} texts"
    )
    refuse_first(found, lambda texts: any(map(is_blank, texts)), "text_missing", "a text in wrong is missing")
    refuse_first(
        found, lambda texts: any(map(is_long, texts)), "text_too_long", f"wrong: over {LONGEST_TEXT} characters"
    )
    return found


def refuse_long(found: Sequence[str | None], column: str) -> None:
    words = f"{column} is longer than {LONGEST_TEXT} characters"
    refuse_first(found, lambda text: text is not None and is_long(text), "text_too_long", words)


def is_blank(text: str | None) -> bool:
    return not text or not text.strip()


def is_long(text: str) -> bool:
    return len(text) > LONGEST_TEXT
