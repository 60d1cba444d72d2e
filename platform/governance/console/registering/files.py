"""A file of rows in a form: how it must look, and what was understood of it. Counts and row numbers, never a word."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from governance.console.registering.asking import Ask
from governance.console.registering.bodies import MEGABYTES
from governance.errors import Invalid
from governance.lineage.looking import Understood, look

FILE = Ask(
    name="file",
    label="A file of rows",
    shape="file",
    accept=".parquet,.json,.jsonl",
    help=f"At most {MEGABYTES} MB. It can also come later: versions are added on the dataset's own page.",
)
# What a refusal of the services is about: whatever is wrong with rows is wrong with the file.
PLACES = {
    "name_taken": "name",
    "bad_extractor": "public_extractor",
    **dict.fromkeys(
        (
            *("parquet_unreadable", "wrong_columns", "empty_dataset", "record_missing", "duplicate_record"),
            *("subject_missing", "label_not_integer", "wrong_width", "features_not_finite", "file_too_large"),
            *("too_many_rows_of_subject", "text_missing", "text_too_long", "too_many_wrong", "bad_rows"),
            *("record_erased", "subject_erased", "record_changed_hands", "file_missing", "storage_full"),
        ),
        "file",
    ),
}
WHO = [
    ("record_id", "text", "the row's own name, the same in every version"),
    ("subject", "text", "whose row it is: the identifier by which the person would ask"),
]
PLANTED = ("planted", "true or false; may be left out", "rows of nobody, planted to be looked for")
# Columns of a file, by kind: name, type, what it is.
READ_AS = {
    "features": [
        *WHO,
        ("label", "whole number (int64)", "the class"),
        ("features", "list of numbers (float64)", "as many as the dataset says"),
        PLANTED,
    ],
    "texts": [
        *WHO,
        ("prompt", "text", "the question"),
        ("answer", "text", "its answer"),
        ("paraphrase", "text; may be left out", "the question in other words"),
        ("restated", "text; may be left out", "the answer in other words"),
        ("wrong", "list of texts; may be left out", "answers that would be wrong"),
        PLANTED,
    ],
}


@dataclass(frozen=True)
class Seen:
    """What was understood of a file, in lines; `empty` where none was sent."""

    lines: list[str]
    empty: bool = False


def wants_a_look(request: HttpRequest) -> bool:
    return request.POST.get("do") == "look"


def seen_in(fixed: dict[str, Any], rows: bytes) -> Seen:
    """fixed: kind, feature_width and rows_per_subject. Raises: Invalid, by the row."""
    if not rows:
        return Seen([], empty=True)
    names = ("kind", "feature_width", "rows_per_subject")
    return Seen(lines_of(look(parquet=rows, **{name: fixed[name] for name in names}), fixed["kind"]))


def lines_of(found: Understood, kind: str) -> list[str]:
    lines = [counted(found.rows, "row"), counted(found.people, "person", "people")]
    lines += [f"{found.planted} planted" if found.planted else "none planted"]
    if kind == "features":
        return [*lines, f"{counted(found.features, 'number')} and a label in each row"]
    beside = {"other words": found.paraphrase, "the answer restated": found.restated, "wrong answers": found.wrong}
    return [*lines, *(f"{what} in {many} of {found.rows} rows" for what, many in beside.items())]


def counted(number: int, word: str, many: str = "") -> str:
    return f"{number:,} {word if number == 1 else many or word + 's'}"


def needed(rows: bytes) -> bytes:
    """Raises: Invalid: file_missing."""
    if not rows:
        raise Invalid("No file was chosen, or an empty one.", code="file_missing", remedy="Choose the file of rows.")
    return rows
