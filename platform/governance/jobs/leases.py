"""Claiming a job, keeping it, and giving it back. The database's clock decides; the fencing token is the proof."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from governance.actors import TICK, WORKER, Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import IllegalMove, StaleState, TokenLost
from governance.jobs import outcomes
from governance.jobs.models import Attempt, Job
from governance.objects.destruction import discard_pending
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
    """Renew the lease and show progress. False: the lease is lost, stop at once. Raises nothing."""
    rows = Job.objects.filter(ref=held.ref, token=held.token, status=Status.RUNNING).update(
        lease_until=lease_end(), heartbeat_at=Now(), phase=phase[:40], step=step, steps=steps, rate=rate
    )
    return rows == 1


def cancel_wanted(held: Held) -> bool:
    return Job.objects.filter(ref=held.ref, token=held.token, cancel_requested=True).exists()


@transaction.atomic
def end_attempt(job: Job, *, token: int, outcome: str, cause: str, actor: Actor) -> None:
    """Close the attempt's row and log it. Whatever it had drawn was seen by nobody and is destroyed here."""
    Attempt.objects.filter(job=job, token=token, ended_at=None).update(ended_at=Now(), outcome=outcome, cause=cause)
    number = Attempt.objects.get(job=job, token=token).number
    body = {"job": job.ref, "attempt": number, "outcome": outcome, "cause": cause, "seen": False}
    append(Event.ATTEMPT_ENDED, thread=job.thread, actor=actor, body=body)


def give_back(held: Held, *, cause: str, failed: bool, message: str = "") -> None:
    """Hand a job back: to the queue, or to the dead letters when its attempts are used up.

    Only causes that are public may lead here (crash, lease, stop): a redraw for any other reason
    would be a selection, which no certificate survives (rules, "no selection by deleted rows").
    """
    job = Job.objects.get(ref=held.ref)
    failures = job.failures + (1 if failed else 0)
    dead = failures >= job.max_attempts
    try:
        with transaction.atomic():
            leave(job, held.token, Status.DEAD if dead else Status.QUEUED, cause, failures=failures, message=message)
            discard_pending(held.ref, held.token)
            if dead:
                outcomes.failed(job)
    except StaleState:
        return


def leave(job: Job, token: int, to: str, cause: str, *, actor: Actor = WORKER, **changes: Any) -> None:
    end_fields = {"ended_at": Now()} if to in Job.FINAL else {}
    changes["message"] = str(changes.get("message", ""))[:500]
    move(
        job,
        to,
        actor=actor,
        event=Event.JOB_MOVED,
        thread=job.thread,
        reason=cause,
        body={"job": job.ref, "cause": cause},
        where=Q(token=token),
        lease_until=None,
        **end_fields,
        **changes,
    )
    end_attempt(job, token=token, outcome=to, cause=cause, actor=actor)


def require_token(job: Job, held: Held) -> None:
    if job.token != held.token or job.status != Status.RUNNING:
        raise TokenLost(f"Job {held.ref} is no longer held under token {held.token}; nothing was recorded.")


def expire_leases() -> int:
    """The sweep: hand back every job whose lease has run out. Safe to run from many processes at once."""
    late = Job.objects.filter(status=Status.RUNNING, lease_until__lt=Now())
    count = 0
    for job in late.order_by("id")[:100]:
        count += expire(job)
    return count


def expire(job: Job) -> int:
    failures = job.failures + 1
    to = Status.CANCELLED if job.cancel_requested else Status.DEAD if failures >= job.max_attempts else Status.QUEUED
    # The claim is re-checked inside: a heartbeat may have come in between.
    with transaction.atomic():
        still = Job.objects.select_for_update().filter(
            pk=job.pk, token=job.token, status=Status.RUNNING, lease_until__lt=Now()
        )
        if not still.exists():
            return 0
        leave(job, job.token, to, "lease_lost", actor=TICK, failures=failures)
        discard_pending(job.ref, job.token)
        if to in Job.FINAL:
            outcomes.failed(job)
    return 1
