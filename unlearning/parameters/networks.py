"""Parameters of the engines that train networks, train their references, and make them forget."""

from __future__ import annotations

from typing import Any

from unlearning.parameters.methods import METHODS, OPTIONS
from unlearning.parameters.shapes import CENTRES, CLASSES, SCALES, SEED, Schema, closed, count, positive

ARCHITECTURE: dict[str, Schema] = {
    "family": {"enum": ["mlp", "cnn", "vit"], "description": "layers for tables; convolutions or patches for pictures"},
    "shape": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1},
        "minItems": 1,
        "maxItems": 3,
        "description": "[features], or [channels, height, width] of rows that are stored flat in this order",
    },
    "classes": CLASSES,
    "centres": {**CENTRES, "default": [0.0]},
    "scales": {**SCALES, "default": [1.0]},
    "width": {**count("units, channels, or the size of a token", most=4096), "default": 64},
    "depth": {**count("hidden layers, convolutions or blocks", most=64), "default": 2},
    "patch": {**count("side of a patch (vit)", most=256), "default": 2},
    "heads": {**count("attention heads (vit)", most=64), "default": 4},
}
TRAINING: dict[str, Schema] = {
    "epochs": count("passes over the rows", most=10_000),
    "batch": {**count("rows per step", most=1_000_000), "default": 64},
    "lr": {**positive("step size at the start of the cosine"), "default": 3e-3},
    "weight_decay": {"type": "number", "minimum": 0, "default": 0.0, "description": "decoupled (AdamW)"},
}
_NEEDED = ("family", "shape", "classes", "epochs")

CLASSIFIER_TRAIN = closed(
    {
        **ARCHITECTURE,
        **TRAINING,
        "seed": {**SEED, "default": 0, "description": "draws the start and the order of rows"},
    },
    required=_NEEDED,
)

CLASSIFIER_REFERENCES = closed(
    {
        **ARCHITECTURE,
        **TRAINING,
        "seeds": {
            "type": "array",
            "items": SEED,
            "minItems": 1,
            "maxItems": 256,
            "uniqueItems": True,
            "description": "one network is trained for each, in weights/seed_<seed>",
        },
        "cores": count("most trainings at once; without it, the cores this process may use", most=1024),
    },
    required=(*_NEEDED, "seeds"),
)


def _only_its_own(method: str) -> dict[str, Any]:
    """A wrong option is refused by name, so that nobody believes to have tuned what the method does not have."""
    own: Schema = {name: {} if value is None else {"default": value} for name, value in METHODS[method].items()}
    own |= {"method": {}, "seed": {"default": 0}}
    return {
        "if": {"properties": {"method": {"const": method}}, "required": ["method"]},
        "then": {"properties": own, "additionalProperties": False},
    }


CLASSIFIER_UNLEARN: Schema = {
    **closed(
        {
            "method": {"enum": sorted(METHODS), "description": "see docs/decisions/0020"},
            "seed": {**SEED, "default": 0, "description": "draws the order of rows and random labels"},
            **OPTIONS,
        },
        required=("method",),
    ),
    "allOf": [_only_its_own(method) for method in sorted(METHODS)],
}

CLASSIFIER_SHADOWS = closed(
    {
        **ARCHITECTURE,
        **TRAINING,
        "shadows": {
            **count("networks, each on a random half; two in a row hold complementary halves", least=8, most=1024),
            "default": 16,
        },
        "seed": {**SEED, "default": 0, "description": "draws the halves; shadow s is trained from seed + s"},
        "cores": count("most trainings at once; without it, the cores this process may use", most=1024),
        "unlearn": CLASSIFIER_UNLEARN,
    },
    required=_NEEDED,
)
