"""The jobs of a trial of a recipe: train with planted rows, unlearn half of them, attack beside fresh references.

Where a control is asked for, the same model is also retrained exactly, without that half, and attacked likewise: what
the tests say of weights that truly never saw the rows. Of each engine the recipe's job is begun first, the control's
second. What differs by family of models stands in `evidence.unproved_families` and `families.Family`, as for plans.
"""

from typing import Any

from evidence.unproved_families import FAMILIES, LANGUAGE, UnprovedFamily
from evidence.unproved_plans import SHADOW_MODELS, needs_shadows
from governance.actors import WORKER, Actor
from governance.errors import NotFound
from governance.jobs.models import Job
from governance.jobs.submission import submit
from governance.verification.families import Family, attack_params, family_of, seeded
from governance.verification.qualification_models import QualificationRun
from governance.verification.recipes import method_of

Manifests = dict[str, dict[str, list[int]]]
# The one control that can be asked for.
RETRAINED = "retrained"


def unproved(run: QualificationRun) -> UnprovedFamily:
    return FAMILIES[run.engine]


def attacked_as(run: QualificationRun) -> Family:
    found = family_of(run.engine)
    if found is None:
        raise NotFound(f"No attack of ours fits models of engine {run.engine!r}.")
    return found


def controls_of(family: UnprovedFamily) -> set[str]:
    """Engines whose models must be there before the attack."""
    return {family.references, family.shadows} - {""}


def train(run: QualificationRun, *, actor: Actor) -> None:
    """The model that holds all canaries, and references that never held the half to be unlearned."""
    family, problem, rules = unproved(run), run.body["problem"], run.policy.body["verification"]
    public: dict[str, str] = run.body.get("public_inputs", {})
    forget, keep = parts_of(run)
    whole = {"retain": {family.rows: sorted([*forget, *keep])}}
    start(run, family.trains, problem, manifests=whole, inputs=public, actor=actor)
    if has_control(run):  # the model's own seed: other than those of the references, as for a plan that retrains
        start(run, family.trains, problem, manifests={"retain": {family.rows: keep}}, inputs=public, actor=actor)
    others = seeded(problem, count=rules["references"])
    start(run, family.references, others, manifests={"retain": {family.rows: keep}}, inputs=public, actor=actor)
    if family.shadows and needs_shadows(rules):
        asked = {**problem, "shadows": SHADOW_MODELS, "unlearn": method_of(run.engine, problem, run.policy)}
        unseen = {"holdout": run.holdout.object_digest}
        start(run, family.shadows, asked, manifests=attacked_rows(run), inputs=unseen, actor=actor)


def has_control(run: QualificationRun) -> bool:
    return bool(run.body.get("control") == RETRAINED)


def begun_of(run: QualificationRun) -> tuple[dict[str, Job], dict[str, Job]]:
    """By engine: the jobs of the recipe, and those of the control."""
    recipe: dict[str, Job] = {}
    control: dict[str, Job] = {}
    for job in Job.objects.filter(thread=run.ref).order_by("id"):
        (control if job.engine in recipe else recipe).setdefault(job.engine, job)
    return recipe, control


def parts_of(run: QualificationRun) -> tuple[list[int], list[int]]:
    forget = run.body["unlearned"]
    return forget, sorted(set(range(run.snapshot.rows)) - set(forget))


def start(
    run: QualificationRun,
    engine: str,
    params: dict[str, Any],
    *,
    manifests: Manifests,
    actor: Actor,
    inputs: dict[str, str] | None = None,
) -> Job:
    return submit(
        engine=engine,
        params=params,
        inputs={unproved(run).rows: run.snapshot.object_digest, **(inputs or {})},
        manifests=manifests,
        purpose=Job.Purpose.QUALIFY,
        thread=run.ref,
        actor=actor,
    )


def unlearn(run: QualificationRun, trained: Job) -> None:
    family = unproved(run)
    forget, keep = parts_of(run)
    rows: Manifests = {"forget": {family.rows: forget}, "retain": {family.rows: keep}}
    given = {"model": trained.weights}
    if family is LANGUAGE:
        given |= {"holdout": run.holdout.object_digest}
        rows |= {"holdout": {"holdout": rows_to_stop_by(run)}}
    params = method_of(run.engine, run.body["problem"], run.policy)
    start(run, family.unlearns, params, manifests=rows, inputs=given, actor=WORKER)


def rows_to_stop_by(run: QualificationRun) -> list[int]:
    """As in a plan: others than the attack compares with, where there are any."""
    spared = min(run.holdout.rows, run.policy.body["verification"]["never_seen"])
    return list(range(spared, run.holdout.rows)) or list(range(run.holdout.rows))


def attack(run: QualificationRun, recipe: dict[str, Job], control: dict[str, Job]) -> None:
    """The unlearned model, and the control where there is one: the same attack, beside the same references."""
    family = unproved(run)
    candidates = [recipe[family.unlearns], *([control[family.trains]] if has_control(run) else [])]
    params = attack_params(
        attacked_as(run), run.policy.body["verification"], references=True, problem=run.body["problem"]
    )
    for candidate in candidates:
        given = {
            "candidate": candidate.weights,
            "original": recipe[family.trains].weights,
            "references": recipe[family.references].weights,
            "holdout": run.holdout.object_digest,
        }
        given |= {"shadows": recipe[family.shadows].weights} if family.shadows in recipe else {}
        start(run, family.attacks, params, manifests=attacked_rows(run), inputs=given, actor=WORKER)


def attacked_rows(run: QualificationRun) -> Manifests:
    """All that is forgotten is planted: nobody's row is attacked."""
    forget, keep = parts_of(run)
    never_seen = min(run.holdout.rows, run.policy.body["verification"]["never_seen"])
    here = {unproved(run).rows: forget}
    found = {"forget": here, "canaries": here, "retain": {unproved(run).rows: keep}}
    return {**found, "holdout": {"holdout": list(range(never_seen))}}
