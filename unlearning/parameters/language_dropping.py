"""Parameters of the engine that drops an adapter, and of the filter that stands in front of a model."""

from __future__ import annotations

from unlearning.parameters.shapes import Schema, closed

NAME: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"}
ROWS: Schema = {"type": "array", "uniqueItems": True, "items": {"type": "integer", "minimum": 0}}

LANGUAGE_DROP = closed(
    {
        "adapters": {
            "type": "array",
            "items": NAME,
            "minItems": 1,
            "uniqueItems": True,
            "description": "names of the adapters that go",
        },
        "origins": closed(
            {
                "base": {
                    **ROWS,
                    "description": "rows of `texts` that the model underneath saw in training; may be none",
                },
                "adapters": {
                    "type": "object",
                    "propertyNames": NAME,
                    "additionalProperties": {**ROWS, "minItems": 1},
                    "description": "rows of `texts` that each adapter was trained on, for every adapter in the file",
                },
            },
            required=("base", "adapters"),
        )
        | {"description": "what lineage says that each part was trained on; a row it leaves out was seen by nobody"},
    },
    required=("adapters", "origins"),
)
