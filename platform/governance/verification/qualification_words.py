"""What a trial of a recipe says to people: which recipe, at which level, what came of it, what would decide it."""

from typing import Any

from evidence.unproved_families import FAMILIES
from governance.jobs.models import Job
from governance.verification.qualification_models import Qualification, QualificationRun
from governance.verification.trial_jobs import begun_of, has_control

Outcome = Qualification.Outcome
HEADLINES: dict[str, str] = {
    Outcome.PASSED: "Of the planted records that this recipe unlearned, no recovery beyond the policy's margin was "
    "found by the batteries below, and those that the policy requires could see one. It stands in for references for "
    "this very recipe "
    "under these very rules; that it holds on other people's rows is an inference, no proof.",
    Outcome.FAILED: "The recipe left planted records that can be had back, or it damaged the model. It stands in for "
    "nothing: batches under this policy stay inconclusive.",
    Outcome.INCONCLUSIVE: "These batteries could not tell. Nothing was found, nothing was shown, and it stands in for "
    "nothing.",
}
UNDER_WAY = "The recipe is being tried. What was to be tried, and under which rules, was fixed before the first job."
METHODS: dict[str, str] = {
    "finetune": "learn on with what stays",
    "gradient_ascent": "climb away from what goes",
    "random_label": "learn random labels for what goes",
    "neggrad_plus": "learn what stays, climb away from what goes",
    "salun": "random labels, on the weights that matter most",
    "scrub": "follow the old model on what stays, leave it on what goes",
    "l1_sparse": "press the weights to nothing, and learn on",
    "adversarial": "learn against an attacker",
    # Of texts.
    "grad_diff": "learn what stays, climb away from what goes, over answers",
    "kl": "climb away from what goes, answer the rest as before",
    "dpo": "prefer another answer",
    "idk_dpo": "prefer to know nothing of it",
    "npo": "let go of each answer as it is forgotten",
    "simnpo": "let go of each answer by its length",
    "rmu": "push what goes to a random place inside",
}


def method_words(recipe: dict[str, Any]) -> str:
    method = recipe["method"]
    return f"{method}: {METHODS[method]}" if method in METHODS else str(method)


def family_words(recipe: dict[str, Any]) -> str:
    """`mlp, 12 features, 3 classes`, or `language model, 32 wide, 1 layers`."""
    family = recipe["family"]
    if "classes" not in family:
        known = [f"{family[name]} {word}" for name, word in (("width", "wide"), ("layers", "layers")) if name in family]
        return ", ".join(["language model", *known])
    shape = " by ".join(str(size) for size in family.get("shape", []))
    inputs = f"{shape} features" if shape else ""
    return ", ".join(part for part in (family.get("family", ""), inputs, f"{family['classes']} classes") if part)


def outcome_of(run: QualificationRun) -> Qualification | None:
    return Qualification.objects.filter(run=run).first()


def level_of(run: QualificationRun) -> float:
    """The k-th trial of a recipe is judged at the policy's level / 2^k, so that trying until it passes buys nothing."""
    level: float = run.policy.body["verification"]["level"] / 2 ** run.body["attempt"]
    return level


def canaries_of(found: Qualification | None) -> dict[str, Any]:
    """What was said of the planted records; empty where nothing was attacked."""
    verdict = (found.body.get("verdict") if found else None) or {}
    return verdict.get("canaries") or {}


def what_would_decide_it(found: Qualification | None) -> str:
    """For an inconclusive trial: how many planted records would do, or that no number would."""
    if found is None or found.outcome != Outcome.INCONCLUSIVE:
        return ""
    canaries = canaries_of(found)
    if not canaries:
        return "Try it again: nothing was attacked. Another trial is judged at half the level."
    needed, tried = canaries["power"].get("records_needed"), canaries["records"]
    if needed is None:
        return "No number of planted records is enough under these rules: fix a policy with more references."
    if needed <= tried:
        return "Enough records were planted; another trial, with other rows, is judged at half the level."
    return (
        f"Upload public rows with about {2 * needed} planted ones: every second is unlearned, and about {needed} are "
        f"needed where {tried} were there. Another trial is judged at half the level, which asks for some more."
    )


CONTROLS: dict[str, str] = {
    Outcome.PASSED: "The same tests pass a model that was retrained without the planted records, as they should.",
    Outcome.INCONCLUSIVE: "The same tests cannot tell of a model that was retrained without the planted records: "
    "hardly any recipe could have passed here.",
    Outcome.FAILED: "The same tests fail a model that was retrained without the planted records, which happens to an "
    "honest one at most as often as the level says. They tell nothing of the recipe.",
}
NO_CONTROL = "None was asked for: what the tests say of a model that never saw the planted records is not known here."
CONTROL_UNDER_WAY = "A model that is retrained without the planted records will be attacked likewise."


def control_words(run: QualificationRun, found: Qualification | None) -> str:
    """What the tests say of a model that truly never saw the planted records, where one was asked for."""
    if not has_control(run):
        return NO_CONTROL
    said = (found.body.get("control") if found else None) or {}
    return CONTROLS.get(said.get("outcome", ""), CONTROL_UNDER_WAY if found is None else "It was not attacked.")


def jobs_of(run: QualificationRun) -> list[Job]:
    return list(Job.objects.filter(thread=run.ref).order_by("id"))


def open_lines(run: QualificationRun) -> list[dict[str, Any]]:
    """What everybody may read of the attack: planted records are nobody's, and never-seen ones are public."""
    attack = begun_of(run)[0].get(FAMILIES[run.engine].attacks)
    opened = (attack.result or {}).get("open") if attack else None
    lines: list[dict[str, Any]] = opened["measurements"] if opened else []
    return lines
