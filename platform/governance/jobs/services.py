"""What a worker or a person does to a job: record, refuse, cancel, send a dead letter round again."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from evidence.canonical import digest_json
from governance.actors import WORKER, Actor
from governance.audit.models import Event
from governance.audit.sealing import seal
from governance.audit.services import append
from governance.errors import NotFound, StaleState
from governance.jobs import outcomes
from governance.jobs.leases import Held, end_attempt, leave, locked
from governance.jobs.models import Job, Outbox
from governance.jobs.parts import record_parts
from governance.jobs.tiers import apart, refusal_apart
from governance.lineage.bases import require_standing
from governance.objects.store import hold, let_go
from governance.queue import TaskName
from governance.transitions import move

Status = Job.Status


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What the runner left in the job folder, as the worker read it. `weights` is a stored folder's digest.

    `parts`: of weights with adapters, a digest of each part; the log gets salted commitments (parts.py).
    """

    result: dict[str, Any]
    ledger: dict[str, Any] | None = None
    measurements: dict[str, Any] | None = None
    weights: str = ""
    parts: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def record(held: Held, returned: Returned) -> Job:
    """Write down what an attempt brought back: all of it, once, and only under the token that is still valid.

    Raises:
        TokenLost: another attempt holds the job, or it has ended; nothing was written.
        NotFound: the weights are not in the store.
    """
    job = locked(held)
    result, opened, sealed = apart(returned.result, returned.measurements, engine=job.engine)
    kept: dict[str, Any] = {"result": result, "ledger": returned.ledger, "open": opened}
    body = {"job": job.ref, "attempt": job.attempt, "spec": job.spec_digest, "result": digest_json(result)}
    for name, value in {"ledger": returned.ledger, "measurements": opened, "sealed": sealed}.items():
        if value is not None:
            body[name] = digest_json(value)
    if sealed is not None:
        # The digest of sealed results would let a guess be tested; a keyed commitment does not.
        body["sealed"] = seal(job.thread, f"measurements/{job.ref}", sealed)
    if returned.weights:
        hold(returned.weights)
        let_go(held.ref, held.token)
        body["weights"] = returned.weights
    if returned.parts:
        kept["parts"] = record_parts(job, returned.parts, returned.weights)
        body["parts"] = digest_json(kept["parts"])
    end_attempt(job, outcome="succeeded", cause="", actor=WORKER)
    move(
        job,
        Status.SUCCEEDED,
        actor=WORKER,
        event=Event.JOB_RECORDED,
        thread=job.thread,
        body=body,
        where=Q(token=held.token),
        lease_until=None,
        ended_at=Now(),
        result=kept,
        weights=returned.weights,
        phase="done",
        # How far it had come when it was last asked may say where it stopped by itself, which deleted rows decide.
        step=F("steps"),
        rate=0,
        message="",
    )
    outcomes.apply(job)
    return job


@transaction.atomic
def refuse(held: Held, *, code: str, message: str) -> None:
    """The engine refused: permanent, no retry. A plan that waits for it stops and says so. Raises: TokenLost."""
    job = locked(held)
    code, message, hidden = refusal_apart(code, message, engine=job.engine)
    said = {} if hidden is None else {"sealed": seal(job.thread, f"measurements/{job.ref}", hidden)}
    leave(job, Status.REFUSED, "refused", said=said, code=code[:60], message=message)


@transaction.atomic
def cancelled(held: Held) -> None:
    """The worker ended the runner because somebody had asked for it. Raises: TokenLost."""
    leave(locked(held), Status.CANCELLED, "cancelled")


@transaction.atomic
def cancel(ref: str, *, actor: Actor) -> Job:
    """Ask for a job to stop. A queued one ends now; a running one when its worker next looks (seconds)."""
    job = Job.objects.select_for_update().filter(ref=ref).first()
    if job is None:
        raise NotFound(f"There is no job {ref}.")
    if job.status == Status.QUEUED:
        move(
            job,
            Status.CANCELLED,
            actor=actor,
            event=Event.JOB_MOVED,
            thread=job.thread,
            body={"job": ref, "cause": "cancelled"},
            cancel_requested=True,
            ended_at=Now(),
        )
        outcomes.failed(job)
    elif job.status == Status.RUNNING:
        Job.objects.filter(pk=job.pk).update(cancel_requested=True)
        append(Event.JOB_MOVED, thread=job.thread, actor=actor, body={"job": ref, "cause": "cancel_requested"})
        job.refresh_from_db()
    else:
        raise StaleState(f"Job {ref} has already ended ({job.get_status_display()}).")
    return job


@transaction.atomic
def retry_dead(ref: str, *, actor: Actor) -> Job:
    """A person sends a dead letter round once more, with fresh attempts.

    Raises:
        NotFound: there is no such job. StaleState: it is not a dead letter. NotCertifiable: base_retracted.
    """
    job = Job.objects.select_for_update().filter(ref=ref).first()
    if job is None:
        raise NotFound(f"There is no job {ref}.")
    if job.status != Status.DEAD:
        raise StaleState(
            f"Job {ref} is no dead letter: {job.get_status_display()}.", remedy="Only a job that was given up needs it."
        )
    require_standing({name: given["digest"] for name, given in job.spec["inputs"].items()})
    move(
        job,
        Status.QUEUED,
        actor=actor,
        event=Event.JOB_MOVED,
        thread=job.thread,
        body={"job": ref, "cause": "sent round again"},
        failures=0,
        ended_at=None,
        cancel_requested=False,
    )
    Outbox.objects.create(task=TaskName.RUN_JOB, argument=ref)
    outcomes.sent_round_again(job)
    return job
