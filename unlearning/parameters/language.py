"""Parameters of the engines that train language models and their references."""

from __future__ import annotations

from unlearning.parameters.language_dropping import NAME, ROWS
from unlearning.parameters.shapes import SEED, Schema, closed, count, positive

# Sizes a two-core machine trains from random weights: "ci" in seconds, "study" in a minute.
PRESETS: dict[str, dict[str, int]] = {
    "ci": {"width": 96, "layers": 3, "heads": 4, "vocabulary": 1024},
    "study": {"width": 128, "layers": 4, "heads": 4, "vocabulary": 2048},
}
LANGUAGE: dict[str, Schema] = {
    "template": {
        "enum": ["plain", "chat"],
        "default": "plain",
        "description": "how a prompt is put: as question and answer, or by the tokenizer's chat template",
    },
    "most_tokens": {
        **count("longest row; a longer one is refused, never cut", least=2, most=1_000_000),
        "default": 512,
    },
    "precision": {
        "enum": ["float32", "bfloat16"],
        "default": "float32",
        "description": "of the computation; weights and optimizer stay float32",
    },
}
ARCHITECTURE: dict[str, Schema] = {
    "preset": {"enum": sorted(PRESETS), "description": "sizes of a fresh Llama; without it and without a base, ci"},
    "width": count("size of a token's state, in place of the preset's", most=65_536),
    "layers": count("blocks, in place of the preset's", most=1024),
    "heads": count("attention heads, in place of the preset's", most=1024),
    "vocabulary": count("tokens learned from the public text, in place of the preset's", least=261, most=1_000_000),
}
TRAINING: dict[str, Schema] = {
    "epochs": count("most passes over the rows", most=10_000),
    "batch": {**count("rows per optimizer step", most=1_000_000), "default": 16},
    "accumulation": {**count("parts in which a step is computed; the step is the same", most=1_000_000), "default": 1},
    "checkpointing": {"type": "boolean", "default": False, "description": "recompute states instead of keeping them"},
    "lr": {**positive("step size"), "default": 3e-3},
    "weight_decay": {"type": "number", "minimum": 0, "default": 0.01, "description": "decoupled (AdamW)"},
    "until_nll": positive("ends after the first epoch whose mean loss per answer token (nats) was below this"),
    "adapter": closed(
        {
            "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$", "description": "never a person's name"},
            "rank": {**count("rank of LoRA", most=65_536), "default": 8},
            "alpha": {**positive("LoRA's scale times its rank"), "default": 16.0},
            "targets": {
                "type": "array",
                "items": {"type": "string", "pattern": "^[A-Za-z0-9_.]{1,64}$"},
                "minItems": 1,
                "uniqueItems": True,
                "description": "names of the linear layers that get one; without, all but the output head",
            },
            "groups": {
                **count("adapters that the rows are spread over, each by its number; see parts", most=1024),
                "default": 1,
            },
        },
        required=("name",),
    )
    | {"description": "train this new adapter alone, on a base whose weights stay as they are"},
    "parts": {
        "type": "object",
        "propertyNames": NAME,
        "additionalProperties": {**ROWS, "minItems": 1},
        "description": "with several groups: the rows of `texts` that each adapter learns, every one in one "
        "of them; the platform fills it in, by person",
    },
}

# With a constant step size the larger preset jumps away from what it had learned, again and again.
_OF_THE_PRESET = {
    "allOf": [
        {
            "if": {"properties": {"preset": {"const": "study"}}, "required": ["preset"]},
            "then": {"properties": {"lr": {"default": 1.5e-3}}},
        }
    ]
}

LANGUAGE_TRAIN = (
    closed(
        {
            **ARCHITECTURE,
            **LANGUAGE,
            **TRAINING,
            "seed": {**SEED, "default": 0, "description": "draws the start and the order of rows"},
        },
        required=("epochs",),
    )
    | _OF_THE_PRESET
)

LANGUAGE_REFERENCES = (
    closed(
        {
            **ARCHITECTURE,
            **LANGUAGE,
            **TRAINING,
            "seeds": {
                "type": "array",
                "items": SEED,
                "minItems": 1,
                "maxItems": 256,
                "uniqueItems": True,
                "description": "one model is trained for each, in weights/seed_<seed>",
            },
            "cores": count("most trainings at once; without it, the cores this process may use", most=1024),
        },
        required=("epochs", "seeds"),
    )
    | _OF_THE_PRESET
)
