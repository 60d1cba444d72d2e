"""Plans for models without a ledger: retrain, or, where the policy wishes, unlearn and let an attack decide."""

from typing import Any

from evidence import unproved_plans
from governance.jobs.planfacts import Batch
from governance.verification.models import Policy
from unlearning.catalog import with_defaults

NETWORK = "classifier.train"
UNLEARN = "classifier.unlearn"


def recipe_body(batch: Batch, policy: Policy) -> dict[str, Any]:
    """The plan body; public facts only, so that an auditor reaches the same choice."""
    wish = policy.body["verification"].get("approximate")
    if wish is None or batch.source.model.engine != NETWORK:
        return retrain_only(batch)
    inputs = unproved_inputs(batch, policy, unlearning_params(wish))
    return {"format": unproved_plans.FORMAT, "inputs": inputs, "choice": unproved_plans.choose(inputs)}


def retrain_only(batch: Batch) -> dict[str, Any]:
    """One certain way: the owner's own command, or our training, on a snapshot without the rows."""
    facts = {"rows": batch.snapshot.rows, "batch_rows": len(batch.records), "engine": batch.source.model.engine}
    reason = "This model has no ledger, so no certificate can start from it: it is retrained without the records."
    return {"format": "obelus/plan-recipe/1", "inputs": facts, "choice": {"route": "retrain", "reason": reason}}


def unlearning_params(wish: dict[str, Any]) -> dict[str, Any]:
    """What the policy wishes for, with the engine's defaults written out: the plan names all that will run."""
    return with_defaults(UNLEARN, {**wish.get("params", {}), "method": wish["method"]})


def unproved_inputs(batch: Batch, policy: Policy, params: dict[str, Any]) -> dict[str, Any]:
    rules, model = policy.body["verification"], batch.source.model
    by = rules.get("references_by", "fresh")
    return {
        "rows": batch.snapshot.rows,
        "batch_rows": len(batch.records),
        "engine": model.engine,
        "epochs": with_defaults(model.engine, model.problem)["epochs"],
        "method": params["method"],
        "params": {name: value for name, value in params.items() if name != "method"},
        "unlearn_epochs": params["epochs"],
        "references": 0 if by == "qualification" else rules["references"],
        "references_by": by,
        "shadows": unproved_plans.SHADOW_MODELS if unproved_plans.needs_shadows(rules) else 0,
        "never_seen": min(model.holdout.rows, rules["never_seen"]) if model.holdout else 0,
        "prices": prices_of(policy),
    }


def prices_of(policy: Policy) -> dict[str, float] | None:
    """The prices that this comparison needs; None unless the policy fixed all of them."""
    found = {name: policy.body["prices"].get(name) for name in unproved_plans.PRICES}
    return None if None in found.values() else found
