"""What a policy says, in one schema. Fixed and logged before anything runs; a change is a new version."""

from typing import Any

from jsonschema import Draft202012Validator

from evidence.unproved_families import EXACT

POSITIVE = {"type": "number", "exclusiveMinimum": 0}
SHARE = {"type": "number", "minimum": 0, "maximum": 1}
COST = {"type": "number", "minimum": 0}
BOUND = {"type": ["number", "array"], "items": {"type": "number"}, "minItems": 1}


def several(*names: str) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": list(names)}, "uniqueItems": True}


def at_least_one(*names: str) -> dict[str, Any]:
    return {**several(*names), "minItems": 1}


def closed(properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


# How unlearning without a proof may be tried, for models that keep no ledger (classifier.unlearn, language.unlearn).
METHODS = "finetune", "gradient_ascent", "random_label", "neggrad_plus", "salun", "scrub", "l1_sparse", "adversarial"
TEXT_METHODS = "grad_diff", "kl", "dpo", "idk_dpo", "npo", "simnpo", "rmu"
# And the exact steps, for language models whose rows stand in adapters.
NAMES = [*METHODS, *TEXT_METHODS, *EXACT]
ONE_METHOD = closed({"method": {"enum": NAMES}, "params": {"type": "object"}}, optional=("params",))
# Everything that only networks need; a policy without these judges linear models as before.
NETWORKS: dict[str, Any] = {
    # The search of the attack: gradient steps, and how often it starts anew.
    "steps": {"type": "integer", "minimum": 1, "maximum": 1000},
    "restarts": {"type": "integer", "minimum": 1, "maximum": 50},
    # Queries crafted on another model alone, as well; what a raw feature can be, one number or one per feature; and the
    # places of features that an attacker cannot change.
    "transfer": {"enum": ["none", "original", "reference"]},
    "low": BOUND,
    "high": BOUND,
    "frozen": {"type": "array", "items": {"type": "integer", "minimum": 0}, "uniqueItems": True},
    "probes": several("relearning.records", "relearning.retain", "probe.linear", "probe.centroid"),
    "membership": several("loss", "entropy", "lira", "ulira"),
    # Families of batteries whose positive control must have been seen before anything may pass; the attack by default.
    "required": at_least_one(
        *(
            "uma",
            "relearning",
            "relearning.records",
            "relearning.retain",
            "relearning.benign",
            "probe",
            "probe.linear",
            "probe.centroid",
        ),
        *("membership", "membership.loss", "membership.entropy", "membership.lira", "membership.ulira"),
        *("generator", "generator.latent", "generator.i2i"),
        *("text", "text.extraction", "text.memorisation", "text.probability", "text.truth_ratio"),
        *("membership.zlib", "membership.reference", "membership.mink", "membership.minkpp"),
        *("quantised", "quantised.int8", "quantised.int4"),
        *("scope.paraphrase", "scope.cloze", "scope.jailbreak", "scope.multi_hop", "scope.verbatim", "scope.choice"),
        "scope.neighbours",
        *("uma.text", "uma.text.paraphrase", "uma.text.jailbreak", "uma.text.suffix", "uma.text.soft"),
    ),
    # Requests for a whole class weaken the model on all of it: then never-seen rows of it are no comparison.
    "scope": {"enum": ["records", "class"]},
    # The control: retrained anew for each batch, or never-seen rows under a qualification of the recipe.
    "references_by": {"enum": ["fresh", "qualification"]},
    # One method, or several: the next is tried when the verdict on the one before shuts the gate, and then retraining.
    "approximate": {
        "if": {"type": "array"},
        "then": {"type": "array", "items": ONE_METHOD, "minItems": 1, "maxItems": 8},
        "else": ONE_METHOD,
    },
    # The battery for language models: parameters of engine verify.language, as they are.
    "language": {"type": "object"},
    # How many planted people the data should hold; too few shut no gate, and the report says so.
    "sentinels": closed({"people": {"type": "integer", "minimum": 1}}),
}


SCHEMA: dict[str, Any] = closed(
    {
        "format": {"const": "obelus/policy/1"},
        # What deletion must reach: A at most epsilon at delta, for each person alone or for the batch jointly.
        "claim": closed({"regime": {"enum": ["per_record", "joint"]}, "epsilon": POSITIVE, "delta": POSITIVE}),
        # The gate of the certified rung, and the cap on B that refuses publishing (never deleting).
        "bounds": closed({"a_epsilon": POSITIVE, "b_epsilon": POSITIVE}),
        # Seconds, measured beforehand and fixed here: the plan may not look at a watch.
        "prices": closed(
            {
                "row_gradient_s": COST,
                "delete_fixed_s": COST,
                "retrain_fixed_s": COST,
                "delete_verification_s": COST,
                "retrain_verification_s": COST,
                # What networks need to be compared: a row in one epoch of training, and of unlearning.
                "row_epoch_s": COST,
                "unlearn_row_epoch_s": COST,
            },
            optional=("row_epoch_s", "unlearn_row_epoch_s"),
        ),
        "verification": closed(
            {
                "budgets": {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 1},
                "norm": {"enum": ["l2", "linf"]},
                "target": {"enum": ["label_only", "with_original"]},
                "margin": SHARE,
                "level": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5},
                "references": {"type": "integer", "minimum": 1, "maximum": 20},
                "never_seen": {"type": "integer", "minimum": 1},
                "utility_floor": SHARE,
                "resamples": {"type": "integer", "minimum": 200, "maximum": 100000},
                "seed": {"type": "integer", "minimum": 0},
                # The witness of noise and steps, as its engine's parameters; without it none is asked.
                "witness": closed(
                    {
                        "level": {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
                        "simulations": {"type": "integer", "minimum": 50, "maximum": 100000},
                        "seed": {"type": "integer", "minimum": 0},
                    }
                ),
                **NETWORKS,
            },
            optional=("witness", *NETWORKS),
        ),
        "destruction_deadline_days": {"type": "integer", "minimum": 1, "maximum": 30},
    }
)


def faults(body: object) -> list[str]:
    """Every way in which a policy does not fit its schema; none when it does."""
    errors = sorted(Draft202012Validator(SCHEMA).iter_errors(body), key=lambda error: list(map(str, error.path)))
    return [f"{'.'.join(map(str, error.path)) or 'policy'}: {error.message}" for error in errors]
