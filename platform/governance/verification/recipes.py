"""Which recipe a model is unlearned by, and whether that very recipe was tried on public rows and passed."""

from datetime import datetime
from typing import Any

from evidence.canonical import digest_json
from evidence.unproved_families import NETWORKS
from governance.jobs.recipe_plans import NETWORK, faults_of, unlearning_params, wishes_of
from governance.lineage.models import TrainedModel
from governance.verification.models import Policy
from governance.verification.qualification_models import Qualification
from governance.verification.verdict import Qualified
from unlearning.catalog import with_defaults

# What belongs to the data and not to the family: the same recipe may be tried on other rows.
OF_THE_DATA = ("classes", "centres", "scales", "seed")


def recipe_of(engine: str, problem: dict[str, Any], policy: Policy) -> dict[str, Any]:
    """Engine, family of models, method and its parameters, with every default written out."""
    whole = with_defaults(engine, problem)
    family = {name: value for name, value in whole.items() if name not in OF_THE_DATA}
    [wish] = wishes_of(policy)
    params = unlearning_params(wish)
    return {
        "engine": engine,
        "family": {**family, "classes": len(whole["classes"])},
        "method": params.pop("method"),
        "params": {name: value for name, value in params.items() if name != "seed"},
    }


def qualification_of(model: TrainedModel, policy: Policy, *, before: datetime | None = None) -> Qualification | None:
    """The newest trial of the recipe that this policy wants for this model, under the same rules; None if never tried.

    `before`: only what was known by then, as whatever a verdict rests on is fixed before its attack.
    Another engine, family, method, parameter or rule of verification is another recipe, and must be tried anew.
    """
    if model.engine != NETWORK or not is_one_method_of_networks(policy):
        return None
    recipe = digest_json(recipe_of(model.engine, model.problem, policy))
    tried = Qualification.objects.filter(run__recipe=recipe).select_related("run__policy").order_by("-id")
    if before is not None:
        tried = tried.filter(created_at__lt=before)
    rules = policy.body["verification"]
    return next((found for found in tried if found.run.policy.body["verification"] == rules), None)


def is_one_method_of_networks(policy: Policy) -> bool:
    """Recipes are tried one by one, and of networks: for language models every batch has references of its own."""
    wishes = wishes_of(policy)
    return len(wishes) == 1 and not faults_of(NETWORKS, wishes)


def why_not_qualified(found: Qualification | None) -> str:
    """Why a qualification cannot stand in for references; empty when it can."""
    if found is None:
        return (
            "The policy wants a qualification of this recipe instead of references, and this engine, family, method "
            "and parameters were never tried under its rules."
        )
    if found.outcome != Qualification.Outcome.PASSED:
        return f"The qualification of this recipe ({found.ref}) did not pass: it is {found.get_outcome_display()}."
    return ""


def stands_in(model: TrainedModel, policy: Policy, *, before: datetime) -> tuple[Qualified | None, str]:
    """What the verdict may rest on in place of references, and why on nothing."""
    found = qualification_of(model, policy, before=before)
    if why := why_not_qualified(found):
        return None, why
    return (Qualified(outcome=found.outcome, digest=found.digest) if found else None), ""
