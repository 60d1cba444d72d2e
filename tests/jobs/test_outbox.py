"""The bell: rung once when work is made, again when nobody comes, never while a transaction waits for Redis."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from governance.jobs import outbox
from governance.jobs.leases import claim, fail, hand_back
from governance.jobs.models import Job, Outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def bells(monkeypatch):
    """Redis stands apart: what was rung, and how many bells it says are waiting."""

    class Bells(list):
        waiting = 0

    rung = Bells()
    monkeypatch.setattr(outbox, "ring", lambda task, argument: rung.append(argument))
    monkeypatch.setattr(outbox, "bells_waiting", lambda: rung.waiting)
    return rung


def test_work_and_its_bell_are_made_together_and_rung_once(new_job, bells):
    job = new_job()
    assert (outbox.relay(), outbox.relay(), outbox.re_ring()) == (1, 0, 0)
    assert bells == [job.ref]


def test_a_bell_that_fails_stays_in_the_outbox_and_those_before_it_do_not_ring_again(new_job, bells, monkeypatch):
    first, second = new_job(), new_job()

    def ring(task, argument):
        if argument == second.ref:
            raise ConnectionError("redis is away")
        bells.append(argument)

    monkeypatch.setattr(outbox, "ring", ring)
    with pytest.raises(ConnectionError):
        outbox.relay()
    monkeypatch.setattr(outbox, "ring", lambda task, argument: bells.append(argument))
    assert outbox.relay() == 1
    assert bells == [first.ref, second.ref]


def test_no_row_is_locked_while_redis_is_spoken_to(new_job, bells, monkeypatch):
    new_job()
    depth = len(connection.savepoint_ids)
    depths = []
    monkeypatch.setattr(outbox, "ring", lambda task, argument: depths.append(len(connection.savepoint_ids)))
    outbox.relay()
    assert depths == [depth]


def test_a_job_nobody_came_for_is_rung_again_after_a_lease(new_job, bells):
    job = new_job()
    outbox.relay()
    Job.objects.update(rung_at=Now() - timedelta(seconds=3600))
    assert (outbox.re_ring(), outbox.re_ring()) == (1, 0)
    assert bells == [job.ref, job.ref]


@pytest.mark.parametrize("leave", ["hand_back", "fail"])
def test_a_job_that_returns_to_the_queue_is_rung_at_once(held_job, bells, leave):
    job, held = held_job()
    outbox.relay()
    if leave == "fail":
        fail(held, cause="exit_1", message="crash")
    else:
        hand_back(held, cause="worker_stopped")
    assert outbox.re_ring() == 1
    assert bells == [job.ref, job.ref]
    assert claim(job.ref, worker="w2").token == 2


def test_bells_do_not_pile_up_while_no_worker_is_there(new_job, bells):
    for _ in range(3):
        new_job()
    outbox.relay()
    Job.objects.update(rung_at=None)
    bells.waiting = outbox.BATCH - 1
    assert outbox.re_ring() == 1
    Job.objects.update(rung_at=None)
    bells.waiting = outbox.BATCH
    assert outbox.re_ring() == 0


def test_running_and_ended_jobs_are_left_in_peace(held_job, bells):
    held_job()
    outbox.relay()
    assert outbox.re_ring() == 0


def test_bells_rung_days_ago_are_forgotten_and_unrung_ones_kept(new_job, bells):
    new_job()
    outbox.relay()
    new_job()
    Outbox.objects.filter(sent_at__isnull=False).update(sent_at=Now() - timedelta(days=2))
    Outbox.objects.filter(sent_at=None).update(created_at=Now() - timedelta(days=2))
    assert outbox.prune() == 1
    assert Outbox.objects.get().sent_at is None
