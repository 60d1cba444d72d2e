"""Pieces that the parameter schemas share."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def closed(properties: dict[str, Schema], *, required: tuple[str, ...] = ()) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def positive(what: str) -> Schema:
    return {"type": "number", "exclusiveMinimum": 0, "description": what}


def count(what: str, *, least: int = 1, most: int = 10_000_000) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most, "description": what}


CLASSES: Schema = {
    "type": "array",
    "items": {"type": "integer"},
    "minItems": 2,
    "uniqueItems": True,
    "description": "every label the model may give, fixed beforehand; a class without rows is legal",
}
SCALES: Schema = {
    "type": "array",
    "items": {"type": "number", "exclusiveMinimum": 0},
    "minItems": 1,
    "description": "public constants that divide the features; never fitted on the data",
}
CENTRES: Schema = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 1,
    "description": "public constants taken off the features before scaling; never fitted on the data",
}
SEED: Schema = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
