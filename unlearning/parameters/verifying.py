"""Parameters of the engines that attack or test a candidate."""

from __future__ import annotations

from unlearning.parameters.shapes import SEED, closed, count

VERIFY_LINEAR = closed(
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
        "seed": {**SEED, "default": 0, "description": "draws the never-seen and unrelated rows"},
    },
    required=("budgets",),
)

VERIFY_WITNESS = closed(
    {
        "level": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "default": 0.01,
            "description": "chance that an honest run is accused, all questions together",
        },
        "simulations": {
            **count("honest runs to simulate where the chi-square laws are not trusted", least=50),
            "default": 200,
        },
        "seed": {**SEED, "default": 0, "description": "draws the witness's own simulated noise"},
    },
)
