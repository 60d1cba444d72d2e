"""Trying an unlearning recipe on public rows: train with canaries, unlearn half, attack beside fresh references.

The jobs are leased and fenced like all others and write to the trail of their run. What is tried, and under which
rules, is fixed and logged before the first of them; how often it was tried lowers the level, as for any verdict.
"""

from typing import Any

from django.db import connection, transaction

from evidence.canonical import as_hashed, digest_json
from evidence.unproved_plans import SHADOW_MODELS, needs_shadows
from governance.actors import WORKER, Actor
from governance.audit.models import Event, Thread
from governance.audit.sealing import commit
from governance.audit.services import append
from governance.errors import Conflict, Forbidden, Invalid
from governance.ids import new_ref
from governance.jobs.models import Job
from governance.jobs.recipe_plans import NETWORK, UNLEARN, unlearning_params, wishes_of
from governance.jobs.submission import submit
from governance.lineage.models import Snapshot
from governance.lineage.training import check_holdout, check_problem
from governance.people.models import Role, User
from governance.verification.families import NETWORKS, REFERENCES, SHADOWS, attack_params, seeded
from governance.verification.models import Policy
from governance.verification.qualification_models import Qualification, QualificationRun
from governance.verification.qualification_results import conclude, conclude_without
from governance.verification.recipes import is_one_method_of_networks, recipe_of

FEWEST_CANARIES = 4
CONTROLS = {REFERENCES, SHADOWS}
Purpose = Job.Purpose


@transaction.atomic
def qualify(
    *, problem: dict[str, Any], policy: Policy, snapshot: Snapshot, holdout: Snapshot, actor: Actor
) -> QualificationRun:
    """Begin to try the recipe of `policy` for models of `problem` (parameters of classifier.train) on public rows.

    `snapshot` holds public or consenting rows, some planted; every second planted one is unlearned. `holdout` holds
    rows that nothing is trained on. The actor answers for both being public or consented to.

    Raises:
        Forbidden: not an officer or operator in person. Invalid: no_method, no_canaries, bad_parameters, wrong_width,
            bad_holdout. Conflict: snapshot_under_erasure.
    """
    user = require_staff(actor)
    planted = require_fit(problem, policy, snapshot, holdout)
    problem = as_hashed(problem)
    recipe = recipe_of(NETWORK, problem, policy)
    count_alone(digest_json(recipe))
    body = {
        "format": "obelus/qualification-run/1",
        "recipe": recipe,
        "problem": problem,
        "policy": policy.digest,
        "snapshot": snapshot.root,
        "holdout": holdout.root,
        "unlearned": planted[::2],
        "attempt": QualificationRun.objects.filter(recipe=digest_json(recipe)).count() + 1,
    }
    run = QualificationRun.make(
        ref=new_ref("qlr"),
        engine=NETWORK,
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


def require_method(policy: Policy) -> None:
    """A policy may name no method, a ladder of them, or one for language models: each is said as what it is."""
    if is_one_method_of_networks(policy):
        return
    named = len(wishes_of(policy))
    if not named:
        said = "The policy names no method of unlearning to try."
    elif named > 1:
        said = f"The policy names {named} methods of unlearning one after the other; a trial is of one."
    else:
        said = "The policy names a method of unlearning for language models; trials are of networks."
    raise Invalid(said, code="no_method", remedy="Choose a policy that names one method for networks.")


def require_fit(problem: dict[str, Any], policy: Policy, snapshot: Snapshot, holdout: Snapshot) -> list[int]:
    """The rows of the planted records, if all else fits."""
    require_method(policy)
    check_problem(NETWORK, problem, snapshot.dataset)
    check_holdout(holdout, snapshot.dataset)
    for used in (snapshot, holdout):
        asking = used.members.filter(record__subject__requests__status__in=("scoped", "in_progress"))
        if used.destroyed_at is not None or asking.exists() or used.members.filter(record__erased_at__isnull=False):
            raise Conflict(
                f"Snapshot {used.ref} is destroyed, or holds people who were erased or asked to be.",
                code="snapshot_under_erasure",
                remedy="Use public rows, or those of people who consent.",
            )
    planted = sorted(snapshot.members.filter(record__planted=True).values_list("row", flat=True))
    if len(planted) < FEWEST_CANARIES:
        raise Invalid(
            f"At least {FEWEST_CANARIES} planted records are needed to see forgetting; {len(planted)} are there.",
            code="no_canaries",
            remedy="Upload the public rows with a column `planted`.",
        )
    return planted


def train(run: QualificationRun, *, actor: Actor) -> None:
    """The model that holds all canaries, and references that never held the half to be unlearned."""
    problem, rules = run.body["problem"], run.policy.body["verification"]
    forget, keep = parts_of(run)
    whole = {"retain": {"features": sorted([*forget, *keep])}}
    start(run, NETWORK, problem, manifests=whole, actor=actor)
    others = seeded(problem, count=rules["references"])
    start(run, REFERENCES, others, manifests={"retain": {"features": keep}}, actor=actor)
    if needs_shadows(rules):
        wish = unlearning_params(wishes_of(run.policy)[0])
        asked = {**problem, "shadows": SHADOW_MODELS, "unlearn": wish}
        unseen = {"holdout": run.holdout.object_digest}
        start(run, SHADOWS, asked, manifests=attacked_rows(run), inputs=unseen, actor=actor)


def parts_of(run: QualificationRun) -> tuple[list[int], list[int]]:
    forget = run.body["unlearned"]
    return forget, sorted(set(range(run.snapshot.rows)) - set(forget))


def start(
    run: QualificationRun,
    engine: str,
    params: dict[str, Any],
    *,
    manifests: dict[str, Any],
    actor: Actor,
    inputs: dict[str, str] | None = None,
) -> Job:
    return submit(
        engine=engine,
        params=params,
        inputs={"features": run.snapshot.object_digest, **(inputs or {})},
        manifests=manifests,
        purpose=Purpose.QUALIFY,
        thread=run.ref,
        actor=actor,
    )


def advanced(job: Job) -> None:
    """A job of a run came back: start what it made possible, or write down what came of it all."""
    run = locked_run(job)
    done = {found.engine: found for found in Job.objects.filter(thread=run.ref, status=Job.Status.SUCCEEDED)}
    begun = set(Job.objects.filter(thread=run.ref).values_list("engine", flat=True))
    if Qualification.objects.filter(run=run).exists():
        return
    if NETWORK in done and UNLEARN not in begun:
        unlearn(run, done[NETWORK])
    elif {UNLEARN, *(begun & CONTROLS)} <= done.keys() and NETWORKS.attack not in begun:
        attack(run, done)
    elif NETWORKS.attack in done:
        conclude(run, done[NETWORKS.attack])


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


def unlearn(run: QualificationRun, trained: Job) -> None:
    forget, keep = parts_of(run)
    params = unlearning_params(wishes_of(run.policy)[0])
    rows = {"forget": {"features": forget}, "retain": {"features": keep}}
    start(run, UNLEARN, params, manifests=rows, inputs={"model": trained.weights}, actor=WORKER)


def attack(run: QualificationRun, done: dict[str, Job]) -> None:
    rules = run.policy.body["verification"]
    given = {
        "candidate": done[UNLEARN].weights,
        "original": done[NETWORK].weights,
        "references": done[REFERENCES].weights,
        "holdout": run.holdout.object_digest,
    }
    given |= {"shadows": done[SHADOWS].weights} if SHADOWS in done else {}
    params = attack_params(NETWORKS, rules, references=True)
    start(run, NETWORKS.attack, params, manifests=attacked_rows(run), inputs=given, actor=WORKER)


def attacked_rows(run: QualificationRun) -> dict[str, dict[str, list[int]]]:
    """All that is forgotten is planted: nobody's row is attacked."""
    forget, keep = parts_of(run)
    never_seen = min(run.holdout.rows, run.policy.body["verification"]["never_seen"])
    here = {"features": forget}
    found = {"forget": here, "canaries": here, "retain": {"features": keep}}
    return {**found, "holdout": {"holdout": list(range(never_seen))}}
