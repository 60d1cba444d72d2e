"""Starting a confirmed plan: the snapshot without the rows, and the job that unlearns or retrains."""

from collections.abc import Callable
from typing import Any

from evidence.canonical import canonical_bytes
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Conflict
from governance.jobs.models import Job, Plan
from governance.jobs.planfacts import Batch
from governance.jobs.recipe_plans import UNLEARN
from governance.jobs.submission import submit
from governance.lineage.models import TrainingRun
from governance.lineage.services import snapshot_without
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
    """The planned method on the old weights of a network. It proves nothing: an attack will judge what comes back."""
    planned = plan.body["inputs"]
    return submit(
        engine=UNLEARN,
        params={**planned["params"], "method": planned["method"]},
        inputs={"model": plan.source.object_digest, "features": batch.snapshot.object_digest},
        manifests=parted(batch),
        purpose=Job.Purpose.UNLEARN,
        plan=plan,
        actor=actor,
    )


def parted(batch: Batch) -> dict[str, dict[str, list[int]]]:
    """The rows of the object before the deletion: those to forget, and all others."""
    forget = batch.rows
    retain = sorted(set(range(batch.snapshot.rows)) - set(forget))
    return {"forget": {"features": forget}, "retain": {"features": retain}}


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
    return training_on(plan.model.engine, plan.model.problem, snapshot.object_digest, snapshot.rows)


def training_on(engine: str, params: dict[str, Any], digest: str, rows: int) -> dict[str, Any]:
    return {
        "engine": engine,
        "params": params,
        "inputs": {"features": digest},
        "manifests": {"retain": {"features": list(range(rows))}},
    }


def keep_json(document: Any, *, owner: str) -> str:
    digest = put_bytes(canonical_bytes(document), owner=owner)
    hold(digest)
    return digest


def plan_run(plan: Plan, job: Job) -> TrainingRun:
    """The training run that a plan's job stands for, on the snapshot without the rows."""
    run = TrainingRun.objects.create(model=plan.model, snapshot=plan.new_snapshot)
    Job.objects.filter(pk=job.pk).update(run=run)
    return run
