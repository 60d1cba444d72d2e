"""Parameters of the engines that learn nothing themselves: drills, and an owner's own command."""

from __future__ import annotations

from unlearning.parameters.shapes import SEED, closed, count

NOOP = closed(
    {
        "steps": {**count("steps to count", least=0), "default": 10},
        "pause_s": {"type": "number", "minimum": 0, "maximum": 60, "default": 0, "description": "pause in each step"},
        "fail": {"enum": ["crash", "refuse"], "description": "fail half way, for drills"},
    }
)

RECIPE = closed(
    {
        "command": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
        "seed": {**SEED, "default": 0},
        "timeout_s": {"type": "number", "exclusiveMinimum": 0, "maximum": 604_800, "default": 3600},
        "environment": {"type": "object", "additionalProperties": {"type": "string"}, "default": {}},
    },
    required=("command",),
)
