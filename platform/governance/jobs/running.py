"""Starting a confirmed plan: the snapshot without the rows, and the job that unlearns or retrains."""

from collections.abc import Callable
from typing import Any

from evidence.canonical import canonical_bytes
from evidence.unproved_families import DROP, FAMILIES, LANGUAGE, RETRAIN_ADAPTER
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Conflict
from governance.jobs.dropping import dropping
from governance.jobs.models import Job, Plan
from governance.jobs.planfacts import Batch
from governance.jobs.recipe_plans import steps_of
from governance.jobs.retrained_adapters import retraining
from governance.jobs.submission import submit
from governance.lineage.forms import form_of
from governance.lineage.models import Snapshot, TrainingRun
from governance.lineage.services import snapshot_without
from governance.lineage.training import training_on
from governance.objects.store import hold, put_bytes


def start(plan: Plan, batch: Batch, *, actor: Actor) -> None:
    """Take the new snapshot and submit the job of the plan's route."""
    if plan.route == "withdraw":
        raise Conflict(
            "The batch removes every row: nothing is left to learn from.",
            code="empty_dataset_after_deletion",
            remedy="Withdraw the model's release; the plan cannot run.",
        )
    present = [record for record in batch.records if record.places.filter(snapshot=batch.snapshot).exists()]
    snapshot = batch.snapshot
    if present:  # another model's plan may have taken them out of the dataset before
        snapshot = snapshot_without(snapshot=batch.snapshot, records=present, actor=actor)
    Plan.objects.filter(pk=plan.pk).update(new_snapshot=snapshot)
    plan.refresh_from_db()
    append(
        Event.SNAPSHOT_TAKEN,
        thread=plan.ref,
        actor=actor,
        body={
            "root": snapshot.root,
            "object": snapshot.object_digest,
            "rows": snapshot.rows,
            "parent": batch.snapshot.root,
        },
    )
    ROUTES[plan.route](plan, batch, actor=actor)


def start_retraining(plan: Plan, batch: Batch, *, actor: Actor) -> Job:
    return retrain(plan, actor=actor)


def delete(plan: Plan, batch: Batch, *, actor: Actor) -> Job:
    ledger = keep_json(plan.source.ledger, owner=plan.ref)
    return submit(
        engine="certified.delete",
        params={**plan.model.problem, "steps": plan.body["choice"]["steps"]},
        inputs={
            "model": plan.source.object_digest,
            "features": batch.snapshot.object_digest,
            "ledger": ledger,
        },
        manifests=parted(batch),
        purpose=Job.Purpose.UNLEARN,
        plan=plan,
        actor=actor,
    )


def unlearn(plan: Plan, batch: Batch, *, actor: Actor) -> Job:
    """The first planned method on the old weights. It proves nothing: an attack will judge what comes back."""
    return run_step(plan, steps_of(plan.body)[0], batch.rows, actor=actor)


def unlearn_again(plan: Plan, *, actor: Actor) -> Job:
    """The next planned method, on the old weights and the same rows as the one before it."""
    before = unlearnings(plan)
    forget = before[0].spec["manifests"]["forget"][rows_of(plan)]
    return run_step(plan, steps_of(plan.body)[len(before)], forget, actor=actor)


def next_step(plan: Plan) -> dict[str, Any] | None:
    """The planned method that was not tried yet; None when only retraining is left, or was begun."""
    if plan.route != "approximate" or plan.jobs.filter(purpose=Job.Purpose.RETRAIN).exists():
        return None
    left = steps_of(plan.body)[len(unlearnings(plan)) :]
    return left[0] if left else None


def unlearnings(plan: Plan) -> list[Job]:
    return list(plan.jobs.filter(purpose=Job.Purpose.UNLEARN).order_by("id"))


def run_step(plan: Plan, step: dict[str, Any], forget: list[int], *, actor: Actor) -> Job:
    asked: Callable[..., dict[str, Any]] = EXACT_STEPS.get(step["method"], by_method)
    return submit(**asked(plan, step, forget), purpose=Job.Purpose.UNLEARN, plan=plan, actor=actor)


def drop(plan: Plan, step: dict[str, Any], forget: list[int]) -> dict[str, Any]:
    """Leave out adapters: of the rows, only those to forget are looked at, for copies in what stays."""
    inputs, name = old_weights_and_rows(plan)
    return {**dropping(plan, step), "inputs": inputs, "manifests": {"forget": {name: forget}}}


def by_method(plan: Plan, step: dict[str, Any], forget: list[int]) -> dict[str, Any]:
    """Unlearn by a method that needs the rows that stay, and never-seen ones to stop by."""
    inputs, name = old_weights_and_rows(plan)
    manifests = {"forget": {name: forget}, "retain": {name: others(plan, forget)}}
    if plan.model.engine == LANGUAGE.trains and plan.model.holdout is not None:
        inputs |= {"holdout": plan.model.holdout.object_digest}
        manifests |= {"holdout": {"holdout": rows_to_stop_by(plan)}}
    params = {**step["params"], "method": step["method"]}
    return {
        "engine": FAMILIES[plan.model.engine].unlearns,
        "params": params,
        "inputs": inputs,
        "manifests": manifests,
    }


def old_weights_and_rows(plan: Plan) -> tuple[dict[str, str], str]:
    """What every method starts from, and under which name it gets the rows."""
    name, snapshot = rows_of(plan), trained_on(plan)
    return {"model": plan.source.object_digest, name: snapshot.object_digest}, name


def others(plan: Plan, forget: list[int]) -> list[int]:
    return sorted(set(range(trained_on(plan).rows)) - set(forget))


def trained_on(plan: Plan) -> Snapshot:
    """The version of the data behind the old weights."""
    snapshot = plan.source.run.snapshot
    if snapshot is None:
        raise Conflict(f"Nobody knows what the weights of plan {plan.ref} learned from.", code="no_snapshot")
    return snapshot


def rows_to_stop_by(plan: Plan) -> list[int]:
    """Never-seen rows that unlearning may look at: others than verification compares with, where there are any."""
    rows = plan.model.holdout.rows if plan.model.holdout else 0
    spared = min(rows, plan.policy.body["verification"]["never_seen"])
    return list(range(spared, rows)) or list(range(rows))


def rows_of(plan: Plan) -> str:
    """Under which name a job gets the rows of the plan's model."""
    return form_of(plan.source.run.snapshot.dataset).input if plan.source.run.snapshot else "features"


def parted(batch: Batch) -> dict[str, dict[str, list[int]]]:
    """The rows of the object before the deletion: those to forget, and all others."""
    name, forget = form_of(batch.snapshot.dataset).input, batch.rows
    retain = sorted(set(range(batch.snapshot.rows)) - set(forget))
    return {"forget": {name: forget}, "retain": {name: retain}}


EXACT_STEPS: dict[str, Callable[..., dict[str, Any]]] = {DROP: drop, RETRAIN_ADAPTER: retraining}
ROUTES: dict[str, Callable[..., Job]] = {
    "certified.delete": delete,
    "approximate": unlearn,
    "retrain": start_retraining,
}


def retrain(plan: Plan, *, actor: Actor) -> Job:
    """The same recipe on the snapshot without the rows; it never sees the old weights."""
    return submit(**fresh_training(plan), purpose=Job.Purpose.RETRAIN, plan=plan, actor=actor)


def fresh_training(plan: Plan) -> dict[str, Any]:
    """Engine, parameters, inputs and manifests of a training on the rows that stay."""
    snapshot = plan.new_snapshot
    if snapshot is None:
        raise Conflict(f"Plan {plan.ref} has no snapshot without the rows.", code="no_snapshot")
    return training_on(plan.model, snapshot)


def keep_json(document: Any, *, owner: str) -> str:
    digest = put_bytes(canonical_bytes(document), owner=owner)
    hold(digest)
    return digest


def plan_run(plan: Plan, job: Job) -> TrainingRun:
    """The training run that a plan's job stands for, on the snapshot without the rows."""
    run = TrainingRun.objects.create(model=plan.model, snapshot=plan.new_snapshot)
    Job.objects.filter(pk=job.pk).update(run=run)
    return run
