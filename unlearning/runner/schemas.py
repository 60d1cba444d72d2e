"""The JSON Schemas of the job folder's files, and one function that lists the faults of a document."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any, Literal

SchemaName = Literal["spec", "result", "progress", "measurements"]
_ROWS = {"type": "integer", "minimum": 0}


def schema(name: SchemaName) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file of the job folder, format 1."""
    document: dict[str, Any] = json.loads(files("unlearning").joinpath("schemas", f"{name}-1.json").read_text("utf-8"))
    return document


def faults_of(name: SchemaName, document: object) -> list[str]:
    """Every fault of a document under the named schema; an empty list when it is sound."""
    errors = sorted(_validator(name).iter_errors(document), key=lambda error: list(map(str, error.path)))
    return [f"{'.'.join(map(str, error.path)) or 'document'}: {error.message}" for error in errors]


@functools.cache
def _validator(name: SchemaName) -> Any:
    from jsonschema import Draft202012Validator, validators

    words: dict[str, Any] = dict(Draft202012Validator.VALIDATORS)
    quick = {
        "items": _unless_sound(words["items"], lambda asked, rows: asked == _ROWS and _row_numbers(rows)),
        "uniqueItems": _unless_sound(
            words["uniqueItems"], lambda _, rows: _row_numbers(rows) and len(set(rows)) == len(rows)
        ),
    }
    return validators.extend(Draft202012Validator, quick)(schema(name))


def _unless_sound(whole: Any, sound: Callable[[Any, Any], bool]) -> Any:
    """A keyword of the schema that looks once at a sound list of rows, and one by one where something is wrong.

    A manifest may name every row of a data set: one validator for each of them takes longer than the job.
    """

    def check(validator: Any, asked: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not sound(asked, instance):
            yield from whole(validator, asked, instance, schema) or ()

    return check


def _row_numbers(rows: Any) -> bool:
    # By type, not by isinstance: True is an int to Python and no row to the schema.
    return type(rows) is list and all(type(row) is int and row >= 0 for row in rows)
