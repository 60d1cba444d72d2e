"""Plans for models without a ledger: retrain, or, where the policy wishes, unlearn and let an attack decide."""

from collections.abc import Callable
from typing import Any

from evidence import ladders, unproved_plans
from evidence.unproved_families import DROP, EXACT, FAMILIES, LANGUAGE, NETWORKS, RETRAIN_ADAPTER, UnprovedFamily
from governance.jobs.dropping import drop_step
from governance.jobs.planfacts import Batch
from governance.jobs.retrained_adapters import retrain_step
from governance.verification.models import Policy
from unlearning.catalog import ENGINES, WrongParamsError, validate_params, with_defaults

HOW_TO_ASK = ("template", "most_tokens")
NETWORK, UNLEARN = NETWORKS.trains, NETWORKS.unlearns
Wish = dict[str, Any]
EXACT_STEPS: dict[str, Callable[[Batch], dict[str, Any]]] = {DROP: drop_step, RETRAIN_ADAPTER: retrain_step}


def recipe_body(batch: Batch, policy: Policy) -> dict[str, Any]:
    """The plan body; public facts only, so that an auditor reaches the same choice."""
    family = FAMILIES.get(batch.source.model.engine)
    wish = policy.body["verification"].get("approximate")
    if family is None or wish is None or faults_of(family, wishes_of(policy)):
        return retrain_only(batch)
    one = family is NETWORKS and isinstance(wish, dict)
    facts = one_method(batch, policy, wish) if one else ladder_facts(batch, policy, family)
    inputs = shared_facts(batch, policy) | facts
    return {
        "format": unproved_plans.FORMAT if one else ladder_format(policy),
        "inputs": inputs,
        "choice": unproved_plans.choose(inputs),
    }


def ladder_format(policy: Policy) -> str:
    """The oldest format that holds every step: plans of former years stay what they were."""
    methods = {wish["method"] for wish in wishes_of(policy)}
    if RETRAIN_ADAPTER in methods:
        return ladders.WITH_RETRAINED_ADAPTERS
    return ladders.WITH_DROP if DROP in methods else ladders.FORMAT


def retrain_only(batch: Batch) -> dict[str, Any]:
    """One certain way: the owner's own command, or our training, on a snapshot without the rows."""
    facts = {"rows": batch.snapshot.rows, "batch_rows": len(batch.records), "engine": batch.source.model.engine}
    reason = "This model has no ledger, so no certificate can start from it: it is retrained without the records."
    return {"format": "obelus/plan-recipe/1", "inputs": facts, "choice": {"route": "retrain", "reason": reason}}


def wishes_of(policy: Policy) -> list[Wish]:
    """What the policy wishes to try, in its order: one method, or a ladder of them; nothing where it wishes nothing."""
    wish = policy.body["verification"].get("approximate", [])
    return [wish] if isinstance(wish, dict) else list(wish)


def faults_of(family: UnprovedFamily, wishes: list[Wish]) -> list[str]:
    """Why these methods cannot be run on models of a family; empty when each of them can."""
    if family.unlearns not in ENGINES:
        return [f"no engine {family.unlearns} is in the catalog"]
    found: list[str] = []
    for wish in wishes:
        if wish["method"] in EXACT:
            found += faults_of_exact(family, wish)
            continue
        try:
            validate_params(family.unlearns, {**wish.get("params", {}), "method": wish["method"]})
        except WrongParamsError as error:
            found += error.problems
    return found


def faults_of_exact(family: UnprovedFamily, wish: Wish) -> list[str]:
    name, done = wish["method"], "dropped" if wish["method"] == DROP else "trained anew"
    other = [f"{name}: only language models have adapters that can be {done}"] if family is not LANGUAGE else []
    return [*other, *([f"{name} takes no parameters: lineage says which adapters go"] if wish.get("params") else [])]


def unlearning_params(wish: Wish, engine: str = UNLEARN) -> dict[str, Any]:
    """What the policy wishes for, with the engine's defaults written out: the plan names all that will run."""
    return with_defaults(engine, {**wish.get("params", {}), "method": wish["method"]})


def shared_facts(batch: Batch, policy: Policy) -> dict[str, Any]:
    rules, model = policy.body["verification"], batch.source.model
    by = rules.get("references_by", "fresh")
    return {
        "rows": batch.snapshot.rows,
        "batch_rows": len(batch.records),
        "engine": model.engine,
        "epochs": with_defaults(model.engine, model.problem)["epochs"],
        "references": 0 if by == "qualification" else rules["references"],
        "references_by": by,
        "shadows": unproved_plans.SHADOW_MODELS if unproved_plans.needs_shadows(rules) else 0,
        "never_seen": min(model.holdout.rows, rules["never_seen"]) if model.holdout else 0,
        "prices": prices_of(policy),
    }


def one_method(batch: Batch, policy: Policy, wish: Wish) -> dict[str, Any]:
    """Of obelus/plan-recipe/2."""
    params = unlearning_params(wish)
    return {**named(params), "unlearn_epochs": params["epochs"]}


def ladder_facts(batch: Batch, policy: Policy, family: UnprovedFamily) -> dict[str, Any]:
    """Of obelus/plan-recipe/3 to 5: every method in its order, with all that will run, before anything does."""
    steps, model = [], batch.source.model
    for wish in wishes_of(policy):
        if wish["method"] in EXACT:
            steps.append(EXACT_STEPS[wish["method"]](batch))
            continue
        asked = {**wish, "params": {**as_trained(family, model.problem), **wish.get("params", {})}}
        params = unlearning_params(asked, family.unlearns)
        passes = family.row_passes(params, batch.snapshot.rows, len(batch.records))
        steps.append({**named(params), "row_passes": passes})
    return {"ladder": steps}


def as_trained(family: UnprovedFamily, problem: dict[str, Any]) -> dict[str, Any]:
    """How a prompt is put to a language model: as in its training, or every answer would be one to another question."""
    whole = with_defaults(family.trains, problem)
    return {name: whole[name] for name in HOW_TO_ASK} if family is LANGUAGE else {}


def named(params: dict[str, Any]) -> dict[str, Any]:
    return {"method": params["method"], "params": {name: params[name] for name in params if name != "method"}}


def steps_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The methods that a plan will try, in their order; one of format 2 is a ladder of one step."""
    inputs = body["inputs"]
    if "ladder" in inputs:
        return [inputs["ladder"][place] for place in body["choice"]["ladder"]]
    return [inputs] if "method" in inputs else []


def prices_of(policy: Policy) -> dict[str, float] | None:
    """The prices that this comparison needs; None unless the policy fixed all of them."""
    found = {name: policy.body["prices"].get(name) for name in unproved_plans.PRICES}
    return None if None in found.values() else found
