"""Claiming, keeping and leaving a job: by the database's clock and under a fencing token."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from governance.actors import SYSTEM
from governance.audit.models import Entry, StatusChange
from governance.errors import NotFound, StaleState, TokenLost
from governance.jobs import leases, services, sweep
from governance.jobs.leases import Held, claim
from governance.jobs.models import Attempt, Job
from governance.jobs.services import Returned
from governance.objects.models import StoredObject
from governance.objects.store import put_bytes

pytestmark = pytest.mark.django_db
Status = Job.Status
RESULT = {"format": "obelus/result/1", "status": "done"}


def let_the_lease_run_out(job):
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def now_of(job):
    job.refresh_from_db()
    return job.status


def events(job):
    return list(Entry.objects.filter(thread=job.ref).order_by("seq").values_list("event", flat=True))


def test_a_claim_takes_a_token_and_is_logged_before_anything_runs(new_job):
    job = new_job()
    assert claim(job.ref, worker="w1") == Held(ref=job.ref, token=1)
    assert events(job) == ["job:submitted", "attempt:started"]
    assert Attempt.objects.get(job=job).worker == "w1"


def test_the_second_claim_gets_nothing_and_changes_nothing(held_job):
    job, _ = held_job()
    before = Job.objects.filter(pk=job.pk).values().get()
    assert claim(job.ref, worker="w2") is None
    assert Job.objects.filter(pk=job.pk).values().get() == before
    assert claim("job_" + "0" * 32, worker="w2") is None


def test_the_lease_is_measured_by_the_databases_clock(held_job, settings):
    job, held = held_job()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM lease_until - now()) FROM jobs_job WHERE id = %s", [job.pk])
        assert abs(float(cursor.fetchone()[0]) - settings.LEASE_S) < 1
    assert leases.heartbeat(held, phase="counting", step=1, steps=2, rate=1.0)
    assert sweep.expire_leases() == 0
    let_the_lease_run_out(job)
    assert sweep.expire_leases() == 1
    assert now_of(job) == Status.QUEUED


def test_a_heartbeat_in_time_saves_a_lease_that_had_run_out(held_job):
    job, held = held_job()
    let_the_lease_run_out(job)
    late = Job.objects.get(pk=job.pk)
    assert leases.heartbeat(held, phase="", step=0, steps=0, rate=0)
    assert sweep.expire(late) == 0
    assert now_of(job) == Status.RUNNING


def test_a_heartbeat_after_the_loss_says_so(held_job):
    job, held = held_job()
    let_the_lease_run_out(job)
    sweep.expire_leases()
    assert not leases.heartbeat(held, phase="", step=0, steps=0, rate=0)
    claim(job.ref, worker="w2")
    assert not leases.heartbeat(held, phase="", step=0, steps=0, rate=0)


WAYS_OUT = {
    "record": lambda held: services.record(held, Returned(result=RESULT)),
    "refuse": lambda held: services.refuse(held, code="X", message="no"),
    "cancelled": services.cancelled,
    "hand back": lambda held: leases.hand_back(held, cause="worker_stopped"),
    "fail": lambda held: leases.fail(held, cause="exit_1", message="crash"),
    "bury": lambda held: leases.bury(held, cause="storage_full", message="full"),
}


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize("taken_up_again", [False, True])
def test_a_lost_token_opens_no_way_out(held_job, way, taken_up_again):
    job, held = held_job()
    let_the_lease_run_out(job)
    sweep.expire_leases()
    if taken_up_again:
        claim(job.ref, worker="w2")
    before, said = Job.objects.filter(pk=job.pk).values().get(), events(job)
    with pytest.raises(TokenLost), transaction.atomic():
        WAYS_OUT[way](held)
    assert (Job.objects.filter(pk=job.pk).values().get(), events(job)) == (before, said)


@pytest.mark.parametrize("way", WAYS_OUT)
def test_every_way_out_closes_the_attempt_and_ends_the_lease(held_job, way):
    job, held = held_job()
    WAYS_OUT[way](held)
    job.refresh_from_db()
    attempt = Attempt.objects.get(job=job)
    assert job.lease_until is None and attempt.ended_at is not None and attempt.outcome == job.status
    said = [event for event in events(job)[2:] if event != "thread:closed"]
    assert said == (["attempt:ended", "job:recorded"] if way == "record" else ["job:moved", "attempt:ended"])
    assert (job.ended_at is not None) == (job.status in Job.FINAL)


@pytest.mark.parametrize("way", ["hand back", "fail"])
def test_a_job_that_somebody_wanted_cancelled_never_returns_to_the_queue(held_job, way):
    job, held = held_job()
    services.cancel(job.ref, actor=SYSTEM)
    WAYS_OUT[way](held)
    assert now_of(job) == Status.CANCELLED


def test_a_recorded_result_wins_over_a_wish_that_came_too_late(held_job):
    job, held = held_job()
    services.cancel(job.ref, actor=SYSTEM)
    WAYS_OUT["record"](held)
    assert now_of(job) == Status.SUCCEEDED


def test_handing_back_is_no_failure_however_often(held_job):
    job, held = held_job(max_attempts=1)
    for _ in range(4):
        leases.hand_back(held, cause="worker_stopped")
        held = claim(job.ref, worker="next")
    job.refresh_from_db()
    assert (job.status, job.failures, job.attempt) == (Status.RUNNING, 0, 5)


def test_the_last_failure_makes_a_dead_letter_that_says_why(held_job):
    job, held = held_job(max_attempts=2)
    leases.fail(held, cause="exit_1", message="The runner ended with exit code 1.")
    assert now_of(job) == Status.QUEUED
    leases.fail(claim(job.ref, worker="w2"), cause="exit_9", message="The runner ended with exit code 9.")
    assert now_of(job) == Status.DEAD
    assert job.message == "Given up after 2 failed attempts. The last one: The runner ended with exit code 9."
    assert claim(job.ref, worker="w3") is None


def test_a_success_takes_the_earlier_failures_message_away(held_job):
    job, held = held_job()
    leases.fail(held, cause="exit_1", message="The runner ended with exit code 1.")
    services.record(claim(job.ref, worker="w2"), Returned(result=RESULT))
    job.refresh_from_db()
    assert (job.message, job.failures) == ("", 1)


def test_a_dead_letter_goes_round_again_with_fresh_attempts_and_no_old_wish_to_cancel(held_job):
    job, held = held_job(max_attempts=1)
    leases.fail(held, cause="exit_1", message="crash")
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    services.retry_dead(job.ref, actor=SYSTEM)
    assert claim(job.ref, worker="w2") == Held(ref=job.ref, token=2)
    job.refresh_from_db()
    assert (job.failures, job.attempt, job.ended_at) == (0, 2, None)


def test_only_a_dead_letter_goes_round_again(held_job, new_job):
    running, _ = held_job()
    for job in (running, new_job()):
        with pytest.raises(StaleState, match="no dead letter"):
            services.retry_dead(job.ref, actor=SYSTEM)
    with pytest.raises(NotFound):
        services.retry_dead("job_none", actor=SYSTEM)


def test_a_cancelled_job_is_not_claimed_and_not_cancelled_twice(new_job):
    job = new_job()
    services.cancel(job.ref, actor=SYSTEM)
    assert claim(job.ref, worker="w1") is None
    with pytest.raises(StaleState, match="already ended"):
        services.cancel(job.ref, actor=SYSTEM)


def test_one_job_that_cannot_be_moved_does_not_hold_up_the_sweep(held_job, monkeypatch):
    poisoned, _ = held_job()
    other, _ = held_job()
    for job in (poisoned, other):
        let_the_lease_run_out(job)
    real = sweep.failed

    def refuse_one(job, **options):
        if job.pk == poisoned.pk:
            raise RuntimeError("cannot be moved")
        real(job, **options)

    monkeypatch.setattr(sweep, "failed", refuse_one)
    assert sweep.expire_leases() == 1
    assert (now_of(poisoned), now_of(other)) == (Status.RUNNING, Status.QUEUED)


def test_a_record_that_fails_half_way_writes_nothing(held_job):
    job, held = held_job()
    with pytest.raises(NotFound), transaction.atomic():
        services.record(held, Returned(result=RESULT, weights="sha256:" + "0" * 64))
    assert now_of(job) == Status.RUNNING
    assert not StatusChange.objects.filter(ref=job.ref, new="succeeded").exists()


def test_what_a_lost_attempt_had_stored_is_dropped_by_the_sweep(held_job):
    job, held = held_job()
    digest = put_bytes(b"a draw nobody saw", owner=held.ref, token=held.token)
    sweep.discard_stale()
    assert StoredObject.objects.filter(digest=digest).exists()
    let_the_lease_run_out(job)
    sweep.expire_leases()
    assert not StoredObject.objects.filter(digest=digest).exists()
