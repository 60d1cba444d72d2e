"""The options of each method of language.unlearn and their defaults, here so that the platform needs no torch.

The defaults come from benchmarks/results/language-sweep.md; how they were chosen is in docs/decisions/0028.
"""

from __future__ import annotations

from typing import Any

from unlearning.parameters.language import LANGUAGE, TRAINING
from unlearning.parameters.shapes import SEED, Schema, closed, count, positive

# Which weights may move. A share of them is named, never left to a default: a plan's choice is public and fixed.
WHERE: Schema = {
    **closed(
        {
            "choose": {
                "enum": ["all", "influence", "random", "inverse"],
                "description": "influence: where rows to forget pull most beside rows to keep; inverse: where least",
            },
            "share": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 1,
                "description": "of all weights that training could move, an adapter's alone where there is a rank",
            },
        },
        required=("choose",),
    ),
    "if": {"properties": {"choose": {"const": "all"}}},
    "then": {"properties": {"share": False}},
    "else": {"required": ["share"]},
    "default": {"choose": "all"},
    "description": "weights that may move: all, or a share that a rule picks before the first step; see decision 0031",
}
_ALL: Schema = {"properties": {"where": {"properties": {"choose": {"const": "all"}}}}}
_WITH: dict[str, Schema] = {
    # Decay would move the weights that were not chosen, too.
    "where": {"if": _ALL, "else": {"properties": {"weight_decay": {"const": 0}}}},
    # The least influential weights of a fresh adapter are those that change nothing by themselves.
    "rank": {"properties": {"where": {"properties": {"choose": {"enum": ["all", "influence", "random"]}}}}},
}

# Every method has these.
SHARED: dict[str, Schema] = {
    "epochs": count("passes over the rows to forget, at most", most=10_000),
    "batch": {**count("rows per step of each request, and of the rows to keep", most=100_000), "default": 8},
    "accumulation": {**count("parts that a step's rows are run in; changes memory, not the step"), "default": 1},
    "lr": positive("step size (AdamW)"),
    "weight_decay": {"type": "number", "minimum": 0, "default": 0.0, "description": "decoupled (AdamW)"},
    "forget_weight": {"type": "number", "minimum": 0, "description": "gamma"},
    "retain_weight": {"type": "number", "minimum": 0, "description": "alpha; 0 runs no pass over the rows to keep"},
    "rank": count("train a low-rank adapter of this rank and merge it; without it, all weights move", most=4096),
    "where": WHERE,
    "target": {
        "enum": ["holdout", "epochs"],
        "default": "holdout",
        "description": "holdout: a row is pushed until it is as improbable as never-trained rows. epochs: to the end",
    },
    "target_nll": positive("nats per token to stop at, as of a retrained reference, in place of the holdout's"),
    "slack": {**positive("nats per token beyond the target at which a step is taken back in part"), "default": 1.0},
    "hold": {**count("steps on rows to keep alone that the target must outlast", least=0), "default": 10},
    "check_every": {**count("steps between two looks at rows to forget and holdout"), "default": 1},
    "utility_floor": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "a state may be chosen only above this share of the original's probability of rows to keep",
    },
    "collapse": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.3,
        "description": "below this share the run is halted; 0 lets it run on",
    },
    "requests": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1},
        "minItems": 1,
        "description": "rows of each request in the order of the forget manifest, when it holds several",
    },
    "save_every": {**count("steps between two saved states, from which a killed run goes on"), "default": 20},
    "template": LANGUAGE["template"],
    "most_tokens": LANGUAGE["most_tokens"],
    "precision": LANGUAGE["precision"],
    "checkpointing": TRAINING["checkpointing"],
}

# These belong to some methods only.
OPTIONS: dict[str, Schema] = {
    "beta": positive("dpo, idk_dpo, npo, simnpo: how soon a row is let go of"),
    "delta": {"type": "number", "minimum": 0, "description": "simnpo: margin, nats per token"},
    "kept_outcomes": count("kl: how many of the old answers' likeliest tokens are kept; the rest is one sum"),
    "layer": count("rmu: the block after which states are steered, from 0; later blocks do not run", least=0),
    "steering": positive("rmu: length of the random vector that states are pushed to"),
}

METHODS: dict[str, dict[str, Any]] = {
    "gradient_ascent": {
        "epochs": 60,
        "lr": 1e-4,
        "forget_weight": 1.0,
        "retain_weight": 0.0,
        "utility_floor": 0.0,
    },
    "grad_diff": {"epochs": 60, "lr": 5e-4, "forget_weight": 0.5, "retain_weight": 4.0, "utility_floor": 0.95},
    "kl": {
        "epochs": 60,
        "lr": 5e-4,
        "forget_weight": 0.5,
        "retain_weight": 4.0,
        "utility_floor": 0.95,
        "kept_outcomes": 64,
    },
    "dpo": {
        "epochs": 60,
        "lr": 2e-3,
        "forget_weight": 1.0,
        "retain_weight": 1.0,
        "utility_floor": 0.95,
        "beta": 0.03,
    },
    "idk_dpo": {
        "epochs": 60,
        "lr": 2e-3,
        "forget_weight": 1.0,
        "retain_weight": 1.0,
        "utility_floor": 0.95,
        "beta": 0.03,
    },
    "npo": {
        "epochs": 60,
        "lr": 1e-3,
        "forget_weight": 1.0,
        "retain_weight": 1.0,
        "utility_floor": 0.95,
        "beta": 0.05,
    },
    "simnpo": {
        "epochs": 60,
        "lr": 1e-3,
        "forget_weight": 1.0,
        "retain_weight": 1.0,
        "utility_floor": 0.95,
        "beta": 1.0,
        "delta": 0.0,
    },
    "rmu": {
        "epochs": 60,
        "lr": 2e-3,
        "forget_weight": 1.0,
        "retain_weight": 10.0,
        "utility_floor": 0.95,
        "layer": 1,
        "steering": 16.0,
    },
}


def _only_its_own(method: str) -> dict[str, Any]:
    """A wrong option is refused by name, so that nobody believes to have tuned what the method does not have."""
    own: Schema = {name: {"default": entry["default"]} if "default" in entry else {} for name, entry in SHARED.items()}
    own |= {name: {"default": value} for name, value in METHODS[method].items()}
    own |= {"method": {}, "seed": {"default": 0}}
    return {
        "if": {"properties": {"method": {"const": method}}, "required": ["method"]},
        "then": {"properties": own, "additionalProperties": False},
    }


LANGUAGE_UNLEARN: Schema = {
    **closed(
        {
            "method": {"enum": sorted(METHODS), "description": "see docs/decisions/0028"},
            "seed": {**SEED, "default": 0, "description": "draws the order of rows, refusals and rmu's direction"},
            **SHARED,
            **OPTIONS,
        },
        required=("method",),
    ),
    "allOf": [_only_its_own(method) for method in sorted(METHODS)],
    "dependentSchemas": _WITH,
}
