"""The parameter schemas of the engines (JSON Schema 2020-12), kept apart from the catalog so that both stay short."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def _object(properties: dict[str, Schema], *, required: tuple[str, ...] = ()) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _positive(what: str) -> Schema:
    return {"type": "number", "exclusiveMinimum": 0, "description": what}


def _count(what: str, *, least: int = 1, most: int = 10_000_000) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most, "description": what}


_CLASSES: Schema = {
    "type": "array",
    "items": {"type": "integer"},
    "minItems": 2,
    "uniqueItems": True,
    "description": "every label the model may give, fixed beforehand; a class without rows is legal",
}
_SCALES: Schema = {
    "type": "array",
    "items": {"type": "number", "exclusiveMinimum": 0},
    "minItems": 1,
    "description": "public constants that divide the features; never fitted on the data",
}
_CENTRES: Schema = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 1,
    "description": "public constants taken off the features before scaling; never fitted on the data",
}
_SEED: Schema = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}

NOOP = _object(
    {
        "steps": {**_count("steps to count", least=0), "default": 10},
        "pause_s": {"type": "number", "minimum": 0, "maximum": 60, "default": 0, "description": "pause in each step"},
        "fail": {"enum": ["crash", "refuse"], "description": "fail half way, for drills"},
    }
)

# No default here on purpose: everything chosen is public and written down before data is read (design, section 4).
CERTIFIED = _object(
    {
        "lam": _positive("weight of the L2 penalty, intercept included"),
        "eta": _positive("step size; must be below 2 / (lam + beta)"),
        "sigma": _positive("noise scale: each step adds N(0, 2 eta sigma^2) per coordinate"),
        "steps": _count("noisy gradient steps"),
        "n_0": _count("fixed public denominator of the mean gradient"),
        "norm_bound": _positive("every augmented row is scaled to at most this length"),
        "classes": _CLASSES,
        "centres": _CENTRES,
        "scales": _SCALES,
        "adjacency": {
            "enum": ["zero_out", "replace"],
            "description": "the pair of worlds that mu compares: row present or absent, or one value or another",
        },
        "contribution_cap": _count("most rows one person may have"),
        # No default either: unsaid means the full batch and the tighter loss, as in every spec written before.
        "batch": _count("cyclic mini-batches of so many permanent slots (slot // batch); without it, the full batch"),
        "loss": {
            "enum": ["auto", "binary", "softmax", "one_vs_rest", "capped"],
            "description": "without it: binary for two classes, softmax for more",
        },
        "rows": _count("rows at the first training where n_0 leaves slots free for later insertions"),
    },
    required=(
        "lam",
        "eta",
        "sigma",
        "steps",
        "n_0",
        "norm_bound",
        "classes",
        "centres",
        "scales",
        "adjacency",
        "contribution_cap",
    ),
)

PLAIN = _object(
    {
        "lam": _positive("weight of the L2 penalty, intercept included"),
        "norm_bound": _positive("every augmented row is scaled to at most this length"),
        "classes": _CLASSES,
        "centres": _CENTRES,
        "scales": _SCALES,
        "seed": {**_SEED, "default": 0, "description": "start of the optimiser: which of K references this is"},
    },
    required=("lam", "norm_bound", "classes", "centres", "scales"),
)

RECIPE = _object(
    {
        "command": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
        "seed": {**_SEED, "default": 0},
        "timeout_s": {"type": "number", "exclusiveMinimum": 0, "maximum": 604_800, "default": 3600},
        "environment": {"type": "object", "additionalProperties": {"type": "string"}, "default": {}},
    },
    required=("command",),
)

VERIFY_LINEAR = _object(
    {
        "budgets": {
            "type": "array",
            "items": {"type": "number", "minimum": 0},
            "minItems": 1,
            "uniqueItems": True,
            "description": "the ladder: largest change of a scaled row that the attacker may make",
        },
        "norm": {"enum": ["l2", "linf"], "default": "linf"},
        "target": {"enum": ["label_only", "with_original"], "default": "label_only"},
        "seed": {**_SEED, "default": 0, "description": "draws the never-seen and unrelated rows"},
    },
    required=("budgets",),
)

VERIFY_WITNESS = _object(
    {
        "level": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "default": 0.01,
            "description": "chance that an honest run is accused, all questions together",
        },
        "simulations": {
            **_count("honest runs to simulate where the chi-square laws are not trusted", least=50),
            "default": 200,
        },
        "seed": {**_SEED, "default": 0, "description": "draws the witness's own simulated noise"},
    },
)
