"""Parameters of the engines that train small generators and attack them (docs/decisions/0023)."""

from __future__ import annotations

from unlearning.parameters.shapes import CLASSES, SEED, closed, count, positive

_SHARE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}

GENERATOR_TRAIN = closed(
    {
        "family": {
            "enum": ["decoder", "inpainter"],
            "description": "decoder: pictures from a latent and a label. inpainter: completes a picture",
        },
        "shape": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1, "maximum": 4096},
            "minItems": 2,
            "maxItems": 2,
            "description": "height and width; rows of the dataset hold the picture flat, line by line",
        },
        "classes": CLASSES,
        "low": {"type": "number", "description": "public lower bound of a feature"},
        "high": {"type": "number", "description": "public upper bound of a feature"},
        "width": {**count("units of a hidden layer", most=4096), "default": 128},
        "latent": {**count("numbers in a latent; decoder only", most=4096), "default": 24},
        # Fewer dimensions than classes: every label's embedding then lies near blends of the others', as in the large
        # label-conditional and text-conditional generators that this stands for.
        "embedding": {**count("numbers in a label's embedding; decoder only", most=4096), "default": 6},
        "hidden_rows": {**count("last lines that the inpainter must fill in"), "default": 1},
        # Measured on 8x8 digits: at 60 a second classifier takes 97 of 100 of the decoder's pictures for their label;
        # an inpainter needs 150 before it remembers a picture (error on learned pictures a third of that on others).
        "epochs": {**count("passes over the rows", most=100_000), "default": 60},
        "lr": {**positive("learning rate of Adam"), "default": 0.002},
        "seed": {**SEED, "default": 0, "description": "draws first weights, order and latents"},
    },
    required=("family", "shape", "classes", "low", "high"),
)

VERIFY_GENERATOR = closed(
    {
        "label": {"type": "integer", "description": "decoder: the class that was to be forgotten"},
        "never_label": {"type": "integer", "description": "decoder: a class that was in no model, for arms C and D"},
        "doors": {
            "type": "array",
            "items": {"enum": ["own", "other", "blend"]},
            "minItems": 1,
            "uniqueItems": True,
            "default": ["own", "other", "blend"],
            "description": "decoder: search through the class's label, every other one, a blend of the others",
        },
        "noises": {**count("latents that are searched from", most=100_000), "default": 100},
        # 60 steps of .1 as in the reference; the judges agree on nearly every picture by then, so that more steps only
        # lead further from real pictures. 0 is the ordinary request, which other checks look at.
        "search_steps": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": 10_000},
            "minItems": 1,
            "uniqueItems": True,
            "default": [0, 60],
            "description": "decoder: the ladder of Adam steps",
        },
        "rate": {**positive("decoder: learning rate of the search"), "default": 0.1},
        # Measured: at .5 half of an untouched generator's own pictures fail, at .9 retrained ones pass on two digits.
        "nearness": {
            **_SHARE,
            "default": 0.75,
            "description": "decoder: a picture must lie as near to a deleted one as this share of never-seen ones",
        },
        "budgets": {
            "type": "array",
            "items": {"type": "number", "minimum": 0, "maximum": 1},
            "minItems": 1,
            "uniqueItems": True,
            "default": [0.0, 0.05, 0.1],
            "description": "inpainter: the ladder of changes to what is shown, in units of the public range",
        },
        "norm": {"enum": ["l2", "linf"], "default": "linf"},
        "steps": {**count("inpainter: gradient steps per budget", most=1000), "default": 20},
        "target": {
            "enum": ["truth", "original"],
            "default": "truth",
            "description": "inpainter: come near to the deleted picture, or to what the original made of it",
        },
        "false_positives": {
            **_SHARE,
            "default": 0.05,
            "description": "inpainter: share of pictures on which retrained references pass for remembering",
        },
        "seed": {**SEED, "default": 0, "description": "draws judges and latents"},
    }
)
