"""The JSON Schemas of the job folder's files, and one function that lists the faults of a document."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Literal

SchemaName = Literal["spec", "result", "progress", "measurements"]


def schema(name: SchemaName) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file of the job folder, format 1."""
    document: dict[str, Any] = json.loads(files("unlearning").joinpath("schemas", f"{name}-1.json").read_text("utf-8"))
    return document


def faults_of(name: SchemaName, document: object) -> list[str]:
    """Every fault of a document under the named schema; an empty list when it is sound."""
    from jsonschema import Draft202012Validator

    errors = sorted(
        Draft202012Validator(schema(name)).iter_errors(document), key=lambda error: list(map(str, error.path))
    )
    return [f"{'.'.join(map(str, error.path)) or 'document'}: {error.message}" for error in errors]
