"""Parameters of the engine that attacks and tests a language model."""

from __future__ import annotations

from typing import Any

from unlearning.parameters.shapes import SEED, Schema, closed, count, positive


def _several(*names: str, what: str, default: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "array",
        "items": {"enum": list(names)},
        "uniqueItems": True,
        "default": list(default),
        "description": what,
    }


def _counts(what: str) -> Schema:
    return {"type": "array", "items": count(what), "minItems": 1, "uniqueItems": True, "description": what}


def _some(properties: dict[str, Any], what: str) -> Schema:
    """An attack's strength; what is left out has the attack's own default."""
    return {**closed(properties), "default": {}, "description": what}


_SHARE: Schema = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
TEXT = "text.extraction", "text.memorisation", "text.probability", "text.truth_ratio", "text.rouge"
MEMBERSHIP = "loss", "zlib", "reference", "mink", "minkpp"
ATTACKS = (
    *("relearning.records", "relearning.benign", "relearning.retain", "quantised.int8", "quantised.int4"),
    *("uma.text.paraphrase", "uma.text.jailbreak", "uma.text.suffix", "uma.text.soft"),
)

VERIFY_LANGUAGE = closed(
    {
        "text": _several(
            *TEXT,
            what="what is scored of an answer; text.truth_ratio needs rows with wrong answers, and text.rouge is "
            "reported only: no verdict is made of it",
            default=("text.extraction", "text.memorisation", "text.probability", "text.rouge"),
        ),
        "membership": _several(
            *MEMBERSHIP,
            what="are deleted rows still told from never-seen ones? reference needs at least 2 references",
        ),
        "attacks": _several(*ATTACKS, what="who tries harder than a user does"),
        "scope": {
            "enum": ["privacy", "copyright", "harm"],
            "description": "ask beyond the rows, as this gate's file lists it: in other ways, for passages word "
            "for word, or choices among options; and rows that stay nearby, which must survive",
        },
        "neighbours": {
            **count("rows that stay, nearest to the deleted ones, that a scope asks about", most=10_000),
            "default": 60,
        },
        "deployed": {
            "enum": ["float32", "bfloat16"],
            "default": "float32",
            "description": "the precision that the model is served at; everything is measured on weights rounded so",
        },
        "relearning": _some(
            {
                "records": _counts("deleted rows shown again"),
                "steps": count("steps on them", most=10_000),
                "lr": positive("step size"),
                "draws": count("how often other rows are drawn", most=100),
                "retain_steps": count("steps on retained rows alone", most=10_000),
                "batch": count("rows per step"),
            },
            "how much is shown again, and for how long",
        ),
        "aim": _some({"share": _SHARE, "opened": _SHARE}, "what a trigger is optimised on, and what must then follow"),
        "suffix": _some(
            {
                "tokens": _counts("tokens of the suffix: the budgets"),
                "steps": count("coordinate steps", most=10_000),
                "candidates": count("exchanges tried in a step", most=100_000),
                "best": count("likeliest exchanges per place", most=100_000),
            },
            "the hard suffix and how it is searched for",
        ),
        "soft": _some(
            {
                "tokens": _counts("tokens of the soft prompt: the budgets"),
                "steps": count("gradient steps", most=10_000),
                "lr": positive("step size"),
            },
            "the soft prompt and how it is searched for",
        ),
        "references": {
            "enum": ["fresh", "none"],
            "description": "fresh: refuse without any. none: measure the candidate alone, for a qualified recipe",
        },
        "template": {"enum": ["plain", "chat"], "default": "plain", "description": "as the models were trained"},
        "most_tokens": {**count("longest prompt and answer together; a longer row is refused"), "default": 512},
        "most_new": {**count("longest spoken answer, in tokens", most=10_000), "default": 200},
        "kept_rows": {
            **count("retained rows, drawn by the seed, that are asked: is the model still useful?"),
            "default": 400,
        },
        "seed": {**SEED, "default": 0, "description": "draws retained rows, candidates and starts"},
        "batch": {**count("rows in one pass", most=100_000), "default": 64},
    }
)
