"""Certificates without a ledger: what may be claimed of a model that was retrained, or unlearned and then attacked."""

from typing import Any

from evidence.pricing import numbers_of
from evidence.recipes import recipe_digest
from evidence.unproved_families import FAMILIES, LANGUAGE
from governance.jobs.all_models import UNBOUNDED, joint_part
from governance.jobs.models import Job, Plan
from governance.jobs.running import fresh_training
from governance.lineage.bases import base_of
from governance.lineage.models import Checkpoint
from governance.verification.scope_words import scope_limits
from unlearning.accounting import GdpBound

FORMAT = "obelus/certificate/2"
LIMITS = [
    "Arithmetic verified; execution attested by the runner; real-number noise assumed.",
    "It counts from the last destruction (effective_at), not from the end of the run.",
    "It does not hide that somebody asked, nor when.",
    "Number A assumes that no earlier release was seen and that nothing in the line was influenced by one.",
    "Number B covers every release of this model; the headline covers those of every model that held these people's "
    "rows, as far as lineage knew on the day it was issued.",
    "What another model publishes later while these people are still in it is counted by that model's own certificate.",
]
OWNERS_LIMITS = ["The owner's own command trained it: what else that command read is not known."]
NO_NUMBERS = "Execution attested by the runner; no noise was drawn, so there is no arithmetic to verify."
NO_NOISE = "Without noise no number bounds what earlier releases say (B is infinite)."
ATTACK_LIMITS = [
    "It is no proof. It says that this battery, at this strength, found no recovery beyond the policy's margin; the "
    "verdict tells what could have gone unseen.",
    "Another attack, or a stronger one, may find what this battery did not.",
    "No number bounds what these weights, or earlier releases, say of the records (A and B are infinite).",
]
# What a battery of texts cannot show, whatever it found; the words are of decision 0033.
TEXT_LIMITS = [
    "It asks for answers as the rows give them. The same fact in words that no row used, in another language, or "
    "spread over a conversation, was asked for only as far as the battery's paraphrases and wrappers go.",
    "An attack that recovers texts nobody trained on as easily as erased ones says nothing at that budget, and is "
    "reported as uninformative.",
    "Small models trained on few texts do not show what a large pre-trained one would: there paraphrase, jailbreaks "
    "and four-bit weights are known to bring back what was suppressed.",
    "What the model knew of these people from texts outside this dataset is not touched.",
]
BASE_LIMITS = [
    "It covers what this house's training added to the base, not what the base knew before: whom others taught it is "
    "not known here, and what it knew of these people from elsewhere is still there.",
]
# What stands in a certificate beside its family's battery: the rest of a policy's rules is about judging.
BESIDE = ("references", "references_by")
UNKNOWN: dict[str, None] = {"mu": None, "epsilon": None}


def plain_body(plan: Plan, candidate: Checkpoint, job: Job, rung: str) -> dict[str, Any]:
    """A model retrained without noise: a claim about its data, and no number about what earlier releases say."""
    owners = job.engine == "recipe"
    # What else an owner's command read is not known to us, so not even zero can be claimed for it.
    a = UNBOUNDED if owners else GdpBound(0.0)
    return {
        **without_ledger(plan, candidate, job, a=a),
        "rung": rung,
        "assumptions": [
            "The data it was given held none of the records; the snapshot's absence proofs show it.",
            *of_words(plan),
        ],
        "limits": [*(OWNERS_LIMITS if owners else []), *of_the_base(plan), NO_NUMBERS, *LIMITS[1:3], NO_NOISE],
    }


def attacked_body(plan: Plan, candidate: Checkpoint, job: Job, rung: str) -> dict[str, Any]:
    """Old weights that a method without proof has changed: rung, battery and strength, and no number at all."""
    rules, family = plan.policy.body["verification"], FAMILIES[plan.model.engine]
    method = job.spec["params"]["method"]
    return {
        **without_ledger(plan, candidate, job, a=UNBOUNDED),
        "rung": rung,
        "method": method,
        "recipe": recipe_of(plan),
        "battery": {name: rules[name] for name in (*family.battery, *BESIDE) if name in rules},
        "assumptions": [
            f"The method {method} was run on the old weights as its specification says; execution is attested by the "
            "runner.",
            "A verdict that passed stands beside it; without one it must not be released.",
            *of_words(plan),
        ],
        "limits": [
            *ATTACK_LIMITS,
            *([*scope_limits(rules), *TEXT_LIMITS] if family is LANGUAGE else []),
            *of_the_base(plan),
            *LIMITS[1:3],
        ],
    }


def recipe_of(plan: Plan) -> str:
    """How references of this candidate must have been trained: as the model would be, from the beginning."""
    whole, rows = fresh_training(plan), FAMILIES[plan.model.engine].rows
    return recipe_digest(engine=whole["engine"], params=whole["params"], inputs=whole["inputs"], rows=rows)


def of_words(plan: Plan) -> list[str]:
    """A language model's vocabulary, which no unlearning and no retraining changes."""
    if plan.model.engine != LANGUAGE.trains:
        return []
    if base_of(plan.model.public_inputs) is not None:
        return [
            "It starts from a public base, which learned from nobody's rows here, as whoever registered it answers "
            "for; its tokenizer is the base's."
        ]
    if plan.model.public_inputs:
        return ["Its tokenizer is a public document, as whoever registered the model answers for."]
    return ["Its vocabulary was learned from public words and from nobody's rows."]


def of_the_base(plan: Plan) -> list[str]:
    return BASE_LIMITS if base_of(plan.model.public_inputs) is not None else []


def named_base(plan: Plan) -> dict[str, Any]:
    """The base that every training of the model starts from, by its digest and its declared source."""
    base = base_of(plan.model.public_inputs)
    return {} if base is None else {"base": {"digest": base.object_digest, "source": base.source}}


def without_ledger(plan: Plan, candidate: Checkpoint, job: Job, *, a: GdpBound) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "adjacency": None,
        "assumption": None,
        "delta": None,
        "a": numbers_of(a, delta=None),
        "b": UNKNOWN,
        **joint_part(plan, candidate, a=a, b=UNBOUNDED, delta=None),
        "b_before": UNKNOWN,
        "group": 1,
        "ledger": None,
        "spec": job.spec_digest,
        **named_base(plan),
    }
