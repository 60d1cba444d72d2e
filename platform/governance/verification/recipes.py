"""Which recipe a model is unlearned by, and whether that very recipe was tried on public rows and passed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from evidence.canonical import digest_json
from evidence.unproved_families import EXACT, FAMILIES, UnprovedFamily
from governance.jobs.recipe_plans import as_trained, faults_of, unlearning_params, wishes_of
from governance.lineage.models import TrainedModel
from governance.verification.models import Policy
from governance.verification.qualification_models import Qualification
from governance.verification.verdict import Qualified
from unlearning.catalog import with_defaults

# What belongs to the data and not to the family: the same recipe may be tried on other rows.
OF_THE_DATA = ("classes", "centres", "scales", "seed")


def recipe_of(
    engine: str, problem: dict[str, Any], policy: Policy, *, public_inputs: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Engine, family of models, method and its parameters, with every default written out.

    public_inputs: a tokenizer or a base by digest: other words, or other weights to start from, are another recipe.
    """
    whole = with_defaults(engine, problem)
    family = {name: value for name, value in whole.items() if name not in OF_THE_DATA}
    family |= {"classes": len(whole["classes"])} if "classes" in whole else {}
    family |= {"public_inputs": dict(public_inputs)} if public_inputs else {}
    params = method_of(engine, problem, policy)
    return {
        "engine": engine,
        "family": family,
        "method": params.pop("method"),
        "params": {name: value for name, value in params.items() if name != "seed"},
    }


def method_of(engine: str, problem: dict[str, Any], policy: Policy) -> dict[str, Any]:
    """The one method of the policy with all its parameters, as a plan for such a model writes them out."""
    [wish], family = wishes_of(policy), FAMILIES[engine]
    asked = {**wish, "params": {**as_trained(family, problem), **wish.get("params", {})}}
    return unlearning_params(asked, family.unlearns)


def qualification_of(model: TrainedModel, policy: Policy, *, before: datetime | None = None) -> Qualification | None:
    """The newest trial of the recipe that this policy wants for this model, under the same rules; None if never tried.

    `before`: only what was known by then, as whatever a verdict rests on is fixed before its attack.
    Another engine, family, method, parameter or rule of verification is another recipe, and must be tried anew.
    """
    family = FAMILIES.get(model.engine)
    if family is None or not is_one_method_of(family, policy):
        return None
    recipe = digest_json(recipe_of(model.engine, model.problem, policy, public_inputs=model.public_inputs))
    tried = Qualification.objects.filter(run__recipe=recipe).select_related("run__policy").order_by("-id")
    if before is not None:
        tried = tried.filter(created_at__lt=before)
    rules = policy.body["verification"]
    return next((found for found in tried if found.run.policy.body["verification"] == rules), None)


def is_one_method_of(family: UnprovedFamily, policy: Policy) -> bool:
    """Recipes are tried one by one. An exact step on adapters is none: the engine refuses it where it is not exact."""
    wishes = wishes_of(policy)
    return len(wishes) == 1 and wishes[0]["method"] not in EXACT and not faults_of(family, wishes)


def is_one_method(policy: Policy) -> bool:
    """Of whichever family."""
    return any(is_one_method_of(family, policy) for family in FAMILIES.values())


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
