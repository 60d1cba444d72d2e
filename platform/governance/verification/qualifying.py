"""Trying an unlearning recipe on public rows: train with canaries, unlearn half, attack beside fresh references.

The jobs are leased and fenced like all others and write to the trail of their run. What is tried, and under which
rules, is fixed and logged before the first of them; how often it was tried lowers the level, as for any verdict.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from evidence.canonical import as_hashed, digest_json
from evidence.unproved_families import FAMILIES, UnprovedFamily
from governance.actors import Actor
from governance.audit.models import Event, Thread
from governance.audit.sealing import commit
from governance.audit.services import append
from governance.errors import Conflict, Forbidden, Invalid
from governance.ids import new_ref
from governance.jobs.models import Job
from governance.jobs.recipe_plans import wishes_of
from governance.lineage.bases import require_standing
from governance.lineage.forms import form_of
from governance.lineage.models import Snapshot
from governance.lineage.training import check_holdout, check_problem
from governance.people.models import Role, User
from governance.verification.models import Policy
from governance.verification.qualification_models import Qualification, QualificationRun
from governance.verification.qualification_results import conclude, conclude_without
from governance.verification.recipes import is_one_method_of, recipe_of
from governance.verification.trial_jobs import (
    RETRAINED,
    attack,
    begun_of,
    controls_of,
    train,
    unlearn,
    unproved,
)

FEWEST_CANARIES = 4
MODELS = {"features": "networks", "texts": "language models"}
OTHERS = {
    "features": "language models; features are for networks.",
    "texts": "networks; texts are for language models.",
}


@transaction.atomic
def qualify(
    *,
    problem: dict[str, Any],
    policy: Policy,
    snapshot: Snapshot,
    holdout: Snapshot,
    actor: Actor,
    public_inputs: Mapping[str, str] | None = None,
    control: str | None = None,
) -> QualificationRun:
    """Begin to try the recipe of `policy` for models of `problem` on public rows.

    `problem`: parameters of classifier.train for features, of language.train for texts. `public_inputs`: what such a
    model is given beside rows, by digest, as `TrainedModel.public_inputs`. `snapshot` holds public or consenting rows,
    some planted; all rows of every second planted person are unlearned. `holdout` holds rows that nothing is trained
    on. The actor answers for both being public or consented to. `control`: "retrained" for a model that is retrained
    without these rows and attacked likewise, at the price of one training and one attack more.

    Raises:
        Forbidden: not an officer or operator in person. Invalid: no_method, no_canaries, bad_parameters, wrong_width,
            bad_holdout, bad_control. Conflict: snapshot_under_erasure.
    """
    user = require_staff(actor)
    require_control(control)
    family = family_for(snapshot)
    planted = require_fit(family, problem, policy, snapshot, holdout)
    problem, given = as_hashed(problem), dict(public_inputs or {})
    require_standing(given)
    recipe = recipe_of(family.trains, problem, policy, public_inputs=given)
    count_alone(digest_json(recipe))
    body = {
        "format": "obelus/qualification-run/1",
        "recipe": recipe,
        "problem": problem,
        **({"public_inputs": given} if given else {}),
        **({"control": control} if control else {}),
        "policy": policy.digest,
        "snapshot": snapshot.root,
        "holdout": holdout.root,
        "unlearned": every_second_person(planted),
        "attempt": QualificationRun.objects.filter(recipe=digest_json(recipe)).count() + 1,
    }
    run = QualificationRun.make(
        ref=new_ref("qlr"),
        engine=family.trains,
        recipe=digest_json(recipe),
        policy=policy,
        snapshot=snapshot,
        holdout=holdout,
        body=body,
        digest=digest_json(body),
        begun_by=user,
    )
    facts = {"run": run.digest, "policy": policy.digest, "recipe": run.recipe, "attempt": body["attempt"]}
    append(Event.QUALIFICATION_BEGUN, thread=run.ref, actor=actor, body={**facts, "by": commit(run.ref, user.ref)})
    train(run, actor=actor)
    return run


def count_alone(recipe: str) -> None:
    """Two trials of one recipe that begin at once would both be the first, and neither lower the other's level."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(recipe.removeprefix("sha256:")[:15], 16)])


def require_staff(actor: Actor) -> User:
    if actor.user is None or not actor.user.has_role(Role.PRIVACY_OFFICER, Role.OPERATOR):
        raise Forbidden("A privacy officer or an operator must begin a qualification, and answers for its rows.")
    return actor.user


def require_control(control: str | None) -> None:
    if control not in (None, RETRAINED):
        raise Invalid(
            f"There is no control of that name; expected {RETRAINED!r} or none.",
            code="bad_control",
            remedy=f"Ask for {RETRAINED!r}, or leave it out.",
        )


def family_for(snapshot: Snapshot) -> UnprovedFamily:
    """Networks learn from features, language models from texts."""
    name = form_of(snapshot.dataset).input
    return next(family for family in FAMILIES.values() if family.rows == name)


def require_method(family: UnprovedFamily, policy: Policy) -> None:
    """A policy may name no method, a ladder of them, or one for other models: each is said as what it is."""
    if is_one_method_of(family, policy):
        return
    named = len(wishes_of(policy))
    if not named:
        said = "The policy names no method of unlearning to try."
    elif named > 1:
        said = f"The policy names {named} methods of unlearning one after the other; a trial is of one."
    else:
        said = f"The policy names a method of unlearning for {OTHERS[family.rows]}"
    raise Invalid(said, code="no_method", remedy=f"Choose a policy that names one method for {MODELS[family.rows]}.")


def require_fit(
    family: UnprovedFamily, problem: dict[str, Any], policy: Policy, snapshot: Snapshot, holdout: Snapshot
) -> list[tuple[int, Hashable]]:
    """The rows of the planted records and whose each is, if all else fits."""
    require_method(family, policy)
    check_problem(family.trains, problem, snapshot.dataset)
    check_holdout(holdout, snapshot.dataset)
    for used in (snapshot, holdout):
        asking = used.members.filter(record__subject__requests__status__in=("scoped", "in_progress"))
        if used.destroyed_at is not None or asking.exists() or used.members.filter(record__erased_at__isnull=False):
            raise Conflict(
                f"Snapshot {used.ref} is destroyed, or holds people who were erased or asked to be.",
                code="snapshot_under_erasure",
                remedy="Use public rows, or those of people who consent.",
            )
    found = snapshot.members.filter(record__planted=True).values_list("row", "record__subject")
    planted: list[tuple[int, Hashable]] = sorted(found, key=lambda each: each[0])
    if len(planted) < FEWEST_CANARIES:
        raise Invalid(
            f"At least {FEWEST_CANARIES} planted records are needed to see forgetting; {len(planted)} are there.",
            code="no_canaries",
            remedy="Upload the public rows with a column `planted`.",
        )
    return planted


def every_second_person(planted: Sequence[tuple[int, Hashable]]) -> list[int]:
    """All rows of every second planted person, as people ask: half of somebody's would be another question.

    Where all belong to one person, every second row.
    """
    people = list(dict.fromkeys(person for _, person in planted))
    if len(people) < 2:
        return [row for row, _ in planted][::2]
    going = set(people[::2])
    return [row for row, person in planted if person in going]


def advanced(job: Job) -> None:
    """A job of a run came back: start what it made possible, or write down what came of it all."""
    run = locked_run(job)
    recipe, control = begun_of(run)
    if Qualification.objects.filter(run=run).exists():
        return
    family = unproved(run)
    if is_done(recipe.get(family.trains)) and family.unlearns not in recipe:
        unlearn(run, recipe[family.trains])
    elif family.attacks not in recipe:
        needed = {family.unlearns, *(recipe.keys() & controls_of(family))}
        if all(is_done(found) for found in [*map(recipe.get, needed), *control.values()]):
            attack(run, recipe, control)
    elif is_done(recipe[family.attacks]) and all(map(is_done, control.values())):
        conclude(run, recipe[family.attacks], control=control.get(family.attacks))


def is_done(job: Job | None) -> bool:
    return job is not None and job.status == Job.Status.SUCCEEDED


def broken_off(job: Job) -> None:
    """A job ended without a result: nothing was shown, and the run is over."""
    run = locked_run(job)
    if not Qualification.objects.filter(run=run).exists():
        conclude_without(run, f"Its job {job.ref} ended without a result ({job.code or job.status}).")


def locked_run(job: Job) -> QualificationRun:
    """Under the lock of its thread's counter: the tables of runs are append-only and cannot be locked."""
    Thread.objects.select_for_update().get(ref=job.thread)
    run: QualificationRun = QualificationRun.objects.select_related("policy", "snapshot").get(ref=job.thread)
    return run
