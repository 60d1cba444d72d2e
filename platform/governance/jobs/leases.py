"""Claiming a job, keeping it, and leaving it. The database's clock decides; the fencing token is the proof.

See docs/lifecycle.md, "A job", for who may take which way out.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now

from governance.actors import WORKER, Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import IllegalMove, StaleState, TokenLost
from governance.jobs import outcomes
from governance.jobs.models import Attempt, Job
from governance.jobs.tiers import STEPS_TELL
from governance.transitions import move

Status = Job.Status


@dataclass(frozen=True)
class Held:
    """A worker's hold on a job: every durable write names the token."""

    ref: str
    token: int


def lease_end() -> Any:
    return Now() + timedelta(seconds=settings.LEASE_S)


def claim(ref: str, *, worker: str) -> Held | None:
    """Take a queued job, or None when it is not to be had (already taken, ended or cancelled)."""
    try:
        with transaction.atomic():
            return claim_queued(Job.objects.get(ref=ref), worker)
    except (Job.DoesNotExist, IllegalMove, StaleState):
        return None


def claim_queued(job: Job, worker: str) -> Held:
    number = job.attempt + 1
    move(
        job,
        Status.RUNNING,
        actor=WORKER,
        event=Event.ATTEMPT_STARTED,
        thread=job.thread,
        body={"job": job.ref, "attempt": number, "spec": job.spec_digest},
        where=Q(cancel_requested=False, attempt=job.attempt),
        attempt=F("attempt") + 1,
        token=F("token") + 1,
        worker=worker,
        lease_until=lease_end(),
        heartbeat_at=Now(),
        phase="starting",
        step=0,
        steps=0,
        rate=0,
    )
    Attempt.objects.create(job=job, number=number, token=job.token, worker=worker)
    return Held(ref=job.ref, token=job.token)


def heartbeat(held: Held, *, phase: str, step: int, steps: int, rate: float) -> bool:
    """Renew the lease and show progress, where it tells nothing. False: the lease is lost, stop at once."""
    shown = {name: unless_it_tells(name, value) for name, value in {"step": step, "steps": steps, "rate": rate}.items()}
    rows = Job.objects.filter(ref=held.ref, token=held.token, status=Status.RUNNING).update(
        lease_until=lease_end(), heartbeat_at=Now(), phase=phase[:40], **shown
    )
    return rows == 1


def unless_it_tells(name: str, value: float) -> Case:
    """A step count as it is, or 0 for an engine whose steps end with what it finds on deleted rows."""
    kind: Any = Job._meta.get_field(name)
    return Case(When(engine__in=STEPS_TELL, then=Value(0, kind)), default=Value(value, kind), output_field=kind)


def cancel_wanted(held: Held) -> bool:
    return Job.objects.filter(ref=held.ref, token=held.token, cancel_requested=True).exists()


def hand_back(held: Held, *, cause: str) -> None:
    """An orderly end of the worker, not of the job: it counts as no failure, and the next worker begins anew.

    Raises:
        TokenLost: the job is no longer ours; nothing was written.
    """
    with transaction.atomic():
        job = locked(held)
        leave(job, Status.CANCELLED if job.cancel_requested else Status.QUEUED, cause)


def fail(held: Held, *, cause: str, message: str) -> None:
    """The attempt failed by itself: to the queue, or to the dead letters when the attempts are used up.

    Only causes that are public may lead here (crash, exit code, full disk): a redraw for any other reason would be
    a selection, which no certificate survives (design, "no selection by deleted rows").

    Raises:
        TokenLost: the job is no longer ours; nothing was written.
    """
    with transaction.atomic():
        failed(locked(held), cause=cause, message=message, actor=WORKER)


def bury(held: Held, *, cause: str, message: str) -> None:
    """Straight to the dead letters: another attempt would cost as much and end the same, until a person helps.

    Raises:
        TokenLost: the job is no longer ours; nothing was written.
    """
    with transaction.atomic():
        job = locked(held)
        leave(job, Status.DEAD, cause, failures=job.failures + 1, message=message)


def locked(held: Held) -> Job:
    """The job, its row locked, if the token still holds it.

    Raises:
        TokenLost
    """
    job = Job.objects.select_for_update().get(ref=held.ref)
    if job.token != held.token or job.status != Status.RUNNING:
        raise TokenLost(f"Job {held.ref} is no longer held under token {held.token}; nothing was recorded.")
    return job


def failed(job: Job, *, cause: str, message: str, actor: Actor) -> None:
    """One failure more, on a locked job. A wish to cancel is met here too, or it would wait in the queue for ever."""
    failures = job.failures + 1
    if job.cancel_requested:
        leave(job, Status.CANCELLED, cause, actor=actor, failures=failures)
    elif failures < job.max_attempts:
        leave(job, Status.QUEUED, cause, actor=actor, failures=failures, message=message)
    else:
        times = "its only attempt" if failures == 1 else f"{failures} failed attempts"
        message = f"Given up after {times}. The last one: {message}"
        leave(job, Status.DEAD, cause, actor=actor, failures=failures, message=message)


def leave(
    job: Job, to: str, cause: str, *, actor: Actor = WORKER, said: dict[str, str] | None = None, **changes: Any
) -> None:
    """Out of RUNNING without a result. Whoever waits for one learns of it in the same transaction.

    said: what else the log's entry says.
    """
    final = to in Job.FINAL
    changes["message"] = str(changes.get("message", ""))[:500]
    move(
        job,
        to,
        actor=actor,
        event=Event.JOB_MOVED,
        thread=job.thread,
        reason=cause,
        body={"job": job.ref, "cause": cause, **(said or {})},
        where=Q(token=job.token),
        lease_until=None,
        rung_at=None,  # the next round of the bell takes it up again
        ended_at=Now() if final else None,
        **changes,
    )
    end_attempt(job, outcome=to, cause=cause, actor=actor)
    if final:
        outcomes.failed(job)


@transaction.atomic
def end_attempt(job: Job, *, outcome: str, cause: str, actor: Actor) -> None:
    """Close the running attempt's row and log it. What it had drawn without recording it was seen by nobody."""
    Attempt.objects.filter(job=job, token=job.token).update(ended_at=Now(), outcome=outcome, cause=cause)
    number = Attempt.objects.get(job=job, token=job.token).number
    body = {"job": job.ref, "attempt": number, "outcome": outcome, "cause": cause, "seen": False}
    append(Event.ATTEMPT_ENDED, thread=job.thread, actor=actor, body=body)
