"""Parameters of the engines that attack or test a candidate."""

from __future__ import annotations

from unlearning.parameters.shapes import SEED, Schema, closed, count

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

_BOUND: Schema = {
    "type": ["number", "array"],
    "items": {"type": "number"},
    "minItems": 1,
    "description": "what a raw feature can be, one number for all or one per feature; unbounded without it",
}

# Steps and restarts from benchmarks/results/attack-settings.md (decision 0021): of the rows that fall to 40 steps and 5
# restarts one climb of 20 steps finds 99.6 % and two 99.8 %, at a third of the gradients.
VERIFY_NETWORK = closed(
    {
        "budgets": VERIFY_LINEAR["properties"]["budgets"],
        "norm": VERIFY_LINEAR["properties"]["norm"],
        "target": VERIFY_LINEAR["properties"]["target"],
        "transfer": {
            "enum": ["none", "original", "reference"],
            "default": "none",
            "description": "attack also with queries that were crafted on this model alone",
        },
        "steps": {**count("gradient steps of one climb", most=1000), "default": 20},
        "restarts": {**count("climbs per budget: from the row, then from random points", most=50), "default": 2},
        "low": _BOUND,
        "high": _BOUND,
        "frozen": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0},
            "uniqueItems": True,
            "default": [],
            "description": "features, by place, that an attacker cannot change",
        },
        "references": {
            "enum": ["fresh", "none"],
            "description": "fresh: refuse without any. none: measure the candidate alone, for a qualified recipe",
        },
        "twins": {
            "enum": ["redrawn", "holdout"],
            "description": "never-seen twins of canaries: their distances with signs redrawn (by default for tables), "
            "or never-seen rows (by default for pictures); labels are tossed",
        },
        "probes": {
            "type": "array",
            "items": {"enum": ["relearning.records", "relearning.retain", "probe.linear", "probe.centroid"]},
            "uniqueItems": True,
            "default": [],
            "description": "what an attack through the head cannot see",
        },
        "membership": {
            "type": "array",
            "items": {"enum": ["loss", "entropy", "modified_entropy", "lira", "ulira"]},
            "uniqueItems": True,
            "default": [],
            "description": "are deleted rows still told from never-seen ones? lira and ulira need shadows",
        },
        "seed": {**SEED, "default": 0, "description": "draws starts, twins and unrelated rows"},
        "batch": {**count("rows attacked at once", most=1_000_000), "default": 512},
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
