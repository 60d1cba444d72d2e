"""The JSON Schemas of every format, and a small checker for the part of JSON Schema they use.

The schemas in `schemas/` are ordinary JSON Schema 2020-12 for everybody else; here they are read without a library,
because the verifier has nothing but Python and `cryptography`. A keyword this file does not know is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from evidence.canonical import Json

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_KNOWN = {
    *("$schema", "title", "description", "type", "const", "enum", "pattern", "minimum", "minItems"),
    *("required", "properties", "additionalProperties", "propertyNames", "items"),
}


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of format `obelus/NAME/1`, as a dictionary to be read, not changed."""
    document: dict[str, Any] = json.loads(files("evidence").joinpath("schemas", f"{name}.json").read_bytes())
    _refuse_unknown(document)
    return document


def faults_of(name: str, document: Json) -> list[tuple[str, str]]:
    """Every place where a document leaves its schema, as (place, what was expected); none when it is sound."""
    return list(_walk(schema(name), document, "$"))


def _refuse_unknown(rule: dict[str, Any]) -> None:
    """A keyword that nobody reads would be a rule that nobody keeps."""
    unknown = rule.keys() - _KNOWN
    if unknown:
        raise NotImplementedError(f"schema keyword {sorted(unknown)} is not checked here; add it or leave it out")
    inner = [rule.get("items"), rule.get("propertyNames"), rule.get("additionalProperties")]
    for part in [*inner, *rule.get("properties", {}).values()]:
        if isinstance(part, dict):
            _refuse_unknown(part)


def _walk(rule: dict[str, Any], value: Json, place: str) -> Iterator[tuple[str, str]]:
    if "type" in rule and not _is_type(rule["type"], value):
        yield place, f"{rule['type']}"
        return
    yield from _walk_scalar(rule, value, place)
    if isinstance(value, dict):
        yield from _walk_object(rule, value, place)
    if isinstance(value, list):
        yield from _walk_array(rule, value, place)


def _is_type(wanted: str | list[str], value: Json) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    # In Python True is an int; in JSON it is not a number.
    return any(isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool)) for name in names)


def _walk_scalar(rule: dict[str, Any], value: Json, place: str) -> Iterator[tuple[str, str]]:
    if "const" in rule and value != rule["const"]:
        yield place, json.dumps(rule["const"])
    if "enum" in rule and value not in rule["enum"]:
        yield place, f"one of {json.dumps(rule['enum'])}"
    if "pattern" in rule and isinstance(value, str) and not re.fullmatch(rule["pattern"], value, re.ASCII):
        yield place, f"text like {rule['pattern']}"
    if "minimum" in rule and isinstance(value, (int, float)) and value < rule["minimum"]:
        yield place, f"at least {rule['minimum']}"


def _walk_object(rule: dict[str, Any], value: dict[str, Json], place: str) -> Iterator[tuple[str, str]]:
    for key in rule.get("required", []):
        if key not in value:
            yield f"{place}.{key}", "a value"
    properties, others = rule.get("properties", {}), rule.get("additionalProperties", True)
    for key, item in value.items():
        if "propertyNames" in rule:
            yield from _walk(rule["propertyNames"], key, f"{place}.{key}")
        if key in properties:
            yield from _walk(properties[key], item, f"{place}.{key}")
        elif others is False:
            yield f"{place}.{key}", "no such key"
        elif isinstance(others, dict):
            yield from _walk(others, item, f"{place}.{key}")


def _walk_array(rule: dict[str, Any], value: list[Json], place: str) -> Iterator[tuple[str, str]]:
    if len(value) < rule.get("minItems", 0):
        yield place, f"at least {rule['minItems']} items"
    for index, item in enumerate(value if "items" in rule else []):
        yield from _walk(rule["items"], item, f"{place}[{index}]")
