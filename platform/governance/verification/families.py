"""Families of models and how each is attacked: with which engine, beside which retrained references.

References are curator state: the same recipe on the rows that stay, made for one batch, never released, never used for
another one, and on the plan's destruction list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from evidence import unproved_families as unproved
from evidence.unproved_plans import SHADOW_MODELS, needs_shadows
from governance.actors import WORKER
from governance.errors import NotFound
from governance.jobs import running
from governance.jobs.models import Job, Plan
from governance.jobs.recipe_plans import as_trained, unlearning_params, wishes_of
from governance.jobs.submission import submit
from governance.verification.rows import attacked_rows, forget_and_retain
from unlearning.catalog import engine_spec, scope_rules, with_defaults

REFERENCES = unproved.NETWORKS.references
SHADOWS = unproved.NETWORKS.shadows


def spelled(rules: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    """A policy spells the parameters of these attacks one by one, under their own names."""
    return rules


@dataclass(frozen=True)
class Family:
    """attack: the engine that attacks such models. train_controls: submits what must be there before it starts.

    control_inputs: what these brought back, as the attack's inputs. rows: manifests beside those that every attack has.
    asked: the policy's rules for an attack on such a problem; for_verdict: the rules that judge what it measures.
    """

    attack: str
    train_controls: Callable[[Plan], None]
    control_inputs: Callable[[QuerySet[Job]], dict[str, str]]
    rows: Callable[[Plan], dict[str, dict[str, list[int]]]]
    asked: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]] = spelled
    for_verdict: Callable[[dict[str, Any]], dict[str, Any]] = dict


def family_of(engine: str) -> Family | None:
    """How models of this engine are attacked; None where no attack of ours fits."""
    return FAMILIES.get(engine)


def compares_with_references(plan: Plan) -> bool:
    """Whether this policy wants retrained references for each batch; else a qualified recipe stands in for them."""
    return bool(plan.policy.body["verification"].get("references_by", "fresh") == "fresh")


def one_job_each(plan: Plan) -> None:
    """K trainings of a linear model, each a job of its own, from other seeds than the model's or an earlier one's."""
    recipe = running.fresh_training(plan)
    asked = engine_spec(recipe["engine"]).parameters["properties"]
    used = plan.jobs.filter(purpose=Job.Purpose.REFERENCE, engine=recipe["engine"]).count()
    for number in range(plan.policy.body["verification"]["references"]):
        seed = recipe["params"].get("seed", 0) + 1 + used + number
        params = recipe["params"] | ({"seed": seed} if "seed" in asked else {})
        submit(**{**recipe, "params": params}, purpose=Job.Purpose.REFERENCE, plan=plan, actor=WORKER)


def numbered(references: QuerySet[Job]) -> dict[str, str]:
    return {f"reference_{number}": job.weights for number, job in enumerate(references.order_by("id"))}


def one_job_for_all(plan: Plan) -> None:
    """K models in one job, which trains them in parallel; shadow models where a membership test asks for them."""
    rules = plan.policy.body["verification"]
    recipe, family = running.fresh_training(plan), unproved.FAMILIES[plan.model.engine]
    if compares_with_references(plan):
        # A plan that climbed has earlier ones: the same seeds would give the same models once more.
        used = plan.jobs.filter(engine=family.references).count() * rules["references"]
        params = seeded(recipe["params"], count=rules["references"], used=used)
        wanted = {**recipe, "engine": family.references, "params": params}
        submit(**wanted, purpose=Job.Purpose.REFERENCE, plan=plan, actor=WORKER)
    if family.shadows and needs_shadows(rules):
        submit(**shadows_of(plan, recipe["params"]), purpose=Job.Purpose.REFERENCE, plan=plan, actor=WORKER)


def seeded(params: dict[str, Any], *, count: int, used: int = 0) -> dict[str, Any]:
    """Other seeds than the model's own: a candidate that was retrained would else be compared with itself."""
    first = params.get("seed", 0) + 1 + used
    seeds = list(range(first, first + count))
    return {**{name: value for name, value in params.items() if name != "seed"}, "seeds": seeds}


def shadows_of(plan: Plan, params: dict[str, Any]) -> dict[str, Any]:
    """Models on random halves of erased, remaining and never-seen rows: they saw people, and go with the references.

    Where the policy names a method they unlearn by it too, for the membership test that asks about unlearning.
    """
    snapshot, holdout = plan.source.run.snapshot, plan.model.holdout
    if snapshot is None or holdout is None:
        raise NotFound(f"Plan {plan.ref} lacks a snapshot or never-seen rows to train shadows on.")
    wish = step_for_shadows(plan)
    used = plan.jobs.filter(engine=SHADOWS).count() * SHADOW_MODELS
    asked = {"shadows": SHADOW_MODELS, "seed": params.get("seed", 0) + used}
    asked |= {"unlearn": unlearning_params(wish)} if wish else {}
    return {
        "engine": SHADOWS,
        "params": params | asked,
        "inputs": {"features": snapshot.object_digest, "holdout": holdout.object_digest},
        "manifests": attacked_rows(plan) | forget_and_retain(plan),
    }


def step_for_shadows(plan: Plan) -> dict[str, Any] | None:
    """The method that the candidate was unlearned by, or the policy's first wish where it was not."""
    wishes, tried = wishes_of(plan.policy), len(running.unlearnings(plan))
    return wishes[min(max(tried - 1, 0), len(wishes) - 1)] if wishes else None


def by_engine(controls: QuerySet[Job]) -> dict[str, str]:
    names = {family.references: "references" for family in unproved.FAMILIES.values()} | {SHADOWS: "shadows"}
    return {names[job.engine]: job.weights for job in controls.order_by("id")}


def attack_params(
    family: Family, rules: dict[str, Any], *, references: bool, problem: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The policy's own rules, as far as they are about attacking; the rest is about judging.

    references: whether any are there to compare with; an attack that needs them refuses without.
    """
    asked, rules = engine_spec(family.attack).parameters["properties"], family.asked(rules, problem or {})
    params = {name: rules[name] for name in asked if name in rules and name != "references"}
    return params | ({"references": "fresh" if references else "none"} if "references" in asked else {})


def none_else(plan: Plan) -> dict[str, dict[str, list[int]]]:
    return {}


def of_language(rules: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    """The rule `language` is the parameters of its attack; prompts are put as in training unless it says otherwise."""
    return {"seed": rules["seed"], **as_trained(unproved.LANGUAGE, problem), **rules.get("language", {})}


OF_NUMBERS = ("budgets", "norm", "target", "transfer", "probes", "membership")


# Nobody answers questions about people it never met.
USEFUL_ON = {"useful_on": "people who stay"}


def judged_by_language(rules: dict[str, Any]) -> dict[str, Any]:
    """What must have been measured: every score, test and attack that was asked for, and what a gate asks of scope.

    Rouge decides nothing. What a gate needs must have been seen, as what the policy requires.
    """
    attack = with_defaults("verify.language", rules.get("language", {}))
    facets = scope_rules(attack["scope"]) if "scope" in attack else []
    kept = {name: value for name, value in rules.items() if name not in OF_NUMBERS}
    measured = [name for name in (*attack["text"], *attack["attacks"]) if name != "text.rouge"]
    asked = list(dict.fromkeys(facet["battery"] for facet in facets))
    needed = [facet["battery"] for facet in facets if facet.get("needed", True)]
    required = list(dict.fromkeys([*(rules.get("required") or ["text.extraction"]), *needed]))
    return {
        **kept,
        "probes": [*measured, *asked],
        "membership": attack["membership"],
        "required": required,
        "facets": facets,
        **USEFUL_ON,
    }


LINEAR = Family("verify.linear", one_job_each, numbered, none_else)
NETWORKS = Family("verify.network", one_job_for_all, by_engine, forget_and_retain)
LANGUAGE = Family(
    "verify.language", one_job_for_all, by_engine, forget_and_retain, of_language, for_verdict=judged_by_language
)
FAMILIES = {
    "certified.train": LINEAR,
    "train.plain": LINEAR,
    "classifier.train": NETWORKS,
    "language.train": LANGUAGE,
}
ATTACKS = {family.attack for family in FAMILIES.values()}
