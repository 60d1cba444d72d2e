"""When unlearning has ended: the candidate checkpoint, its ledger, its certificate, and on to verification."""

from evidence.unproved_families import EXACT
from governance.actors import SYSTEM, WORKER
from governance.audit.models import Event
from governance.jobs import certificates
from governance.jobs.dropping import require_same_but_for
from governance.jobs.models import Attempt, Job, Plan
from governance.jobs.people import superseded
from governance.jobs.running import plan_run
from governance.lineage.models import Checkpoint, Descent
from governance.transitions import move
from governance.verification import arms
from unlearning.accounting import Deleted, DrawDiscarded, Ledger, Retrained
from unlearning.catalog import engine_spec

# The public causes of the accountant's price list; anything else (a person stopped a worker, say) is somebody's choice
# and is priced as one more draw.
FREE = {"lease_lost": "lease_lost", "broken_result": "crash", "storage_full": "crash", "worker_error": "crash"}


def unlearned(job: Job) -> None:
    """A deletion was recorded; of dropped or retrained adapters only if nothing else changed.

    Raises: as `dropping.require_same_but_for`.
    """
    if job.engine in EXACT.values():
        require_same_but_for(job, plan_of(job).source)
    candidate_from(job, ledger=with_discarded(job, deletion_ledger(job)), kind=Descent.Kind.UNLEARNED)


def retrained(job: Job) -> None:
    """A retraining was recorded: a new line, on rows that never held the records."""
    candidate_from(job, ledger=with_discarded(job, retraining_ledger(job)), kind=Descent.Kind.RETRAINED)


def candidate_from(job: Job, *, ledger: Ledger | None, kind: str) -> None:
    plan = plan_of(job)
    if superseded(job):
        return  # its weights are on the plan's destruction list
    candidate = Checkpoint.objects.create(
        model=plan.model,
        run=plan_run(plan, job),
        object_digest=job.weights,
        ledger=ledger.to_dict() if ledger else None,
    )
    if kind == Descent.Kind.UNLEARNED:
        # A retrained model does not descend from the old weights; an edge would be a false lineage.
        Descent.objects.create(parent=plan.source, child=candidate, kind=kind)
    rung = engine_spec(job.engine).rung if kind == Descent.Kind.UNLEARNED else "retrained"
    certificates.issue(plan, candidate, job, rung=rung)
    body = {"candidate": candidate.object_digest}
    move(plan, Plan.Status.VERIFYING, actor=WORKER, event=Event.PLAN_MOVED, body=body, candidate=candidate)
    arms.begin(plan)


def deletion_ledger(job: Job) -> Ledger | None:
    """None where the engine keeps none: then nothing but a passed verdict opens the gate."""
    ledger = (job.result or {})["ledger"]
    return Ledger.from_dict(ledger) if ledger is not None or plan_of(job).source.ledger is not None else None


def retraining_ledger(job: Job) -> Ledger | None:
    """The old line's ledger goes on: what was published stays published, whatever is trained anew."""
    plan = plan_of(job)
    if plan.source.ledger is None:
        return None
    before = Ledger.from_dict(plan.source.ledger)
    deleted = Deleted(records=plan.body["inputs"]["batch_rows"], batch=job.ref)
    return before.then(deleted, Retrained(steps=job.spec["params"]["steps"], job=job.ref))


def with_discarded(job: Job, ledger: Ledger | None) -> Ledger | None:
    """Draws of earlier attempts were destroyed unread; the ledger says so, and the accountant prices it."""
    if ledger is None:
        return None
    earlier = Attempt.objects.filter(job=job, token__lt=job.token).order_by("number")
    discarded = [DrawDiscarded(attempt=a.number, cause=price_cause(a.cause), seen=False) for a in earlier]
    # A discarded draw stands before the run that follows, and that run is the last event.
    *before, last = ledger.events
    return Ledger(problem=ledger.problem, events=(*before, *discarded, last))


def price_cause(cause: str) -> str:
    if cause.startswith("exit_"):
        return "crash"
    return FREE.get(cause, "cancelled")


def stopped(job: Job) -> None:
    """The job ended without a result: the plan stops and waits for a person."""
    plan = plan_of(job)
    if superseded(job):
        return
    if plan.status in (Plan.Status.UNLEARNING, Plan.Status.VERIFYING):
        body = {"job": job.ref, "code": job.code or job.status}
        move(plan, Plan.Status.STOPPED, actor=WORKER, event=Event.PLAN_MOVED, body=body)


def resumed(job: Job) -> None:
    """The dead letter that stopped the plan was sent round again: the plan waits for it once more.

    Not for one of a candidate that was given up: nothing it brings back would move the plan again.
    """
    plan = plan_of(job)
    if plan.status == Plan.Status.STOPPED and not superseded(job):
        unlearning = job.purpose in (Job.Purpose.UNLEARN, Job.Purpose.RETRAIN)
        to = Plan.Status.UNLEARNING if unlearning else Plan.Status.VERIFYING
        move(plan, to, actor=SYSTEM, event=Event.PLAN_MOVED, body={"job": job.ref})


def plan_of(job: Job) -> Plan:
    if job.plan is None:
        raise ValueError(f"{job.ref} is a {job.purpose} job without a plan")
    return job.plan
