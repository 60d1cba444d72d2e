"""Whatever workers, people and the sweep do, in any order: the row obeys its table, tokens grow, results stay."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from hypothesis.strategies import data, sampled_from

from governance.actors import SYSTEM
from governance.audit.models import Entry, StatusChange
from governance.errors import StaleState, TokenLost
from governance.jobs import leases, services, sweep
from governance.jobs.models import Attempt, Job
from governance.jobs.services import Returned
from governance.jobs.submission import submit
from governance.objects.models import ObjectClaim, StoredObject
from governance.objects.store import put_bytes

Status = Job.Status
RESULT = {"format": "obelus/result/1", "status": "done"}


class JobMachine(RuleBasedStateMachine):
    """One job, every worker that ever held it (each may wake up late), a person and the sweep."""

    def __init__(self):
        super().__init__()
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.ref = submit(engine="noop", params={"steps": 0}, actor=SYSTEM, max_attempts=2).ref
        self.holders = []
        self.token = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.scope.__exit__(None, None, None)

    @property
    def job(self):
        return Job.objects.get(ref=self.ref)

    @rule()
    def a_worker_claims(self):
        held = leases.claim(self.ref, worker="w")
        if held is not None:
            self.holders.append(held)

    @rule()
    def a_person_cancels(self):
        try:
            services.cancel(self.ref, actor=SYSTEM)
        except StaleState:
            assert self.job.status in Job.FINAL

    @rule()
    def a_person_sends_it_round(self):
        try:
            services.retry_dead(self.ref, actor=SYSTEM)
        except StaleState:
            assert self.job.status != Status.DEAD

    @rule()
    def the_lease_runs_out(self):
        Job.objects.filter(ref=self.ref, status=Status.RUNNING).update(lease_until=Now() - timedelta(seconds=1))
        sweep.expire_leases()

    @precondition(lambda self: self.holders)
    @rule(choice=data(), way=sampled_from(["record", "fail", "hand_back", "refuse", "cancelled", "bury", "store"]))
    def some_holder_acts(self, choice, way):
        held = choice.draw(sampled_from(self.holders))
        rightful = self.job.status == Status.RUNNING and self.job.token == held.token
        try:
            with transaction.atomic():
                getattr(self, way)(held)
            assert rightful or way == "store"
        except TokenLost:
            assert not rightful

    def record(self, held):
        draw = put_bytes(f"draw {held.token}".encode(), owner=held.ref, token=held.token)
        services.record(held, Returned(result=RESULT, weights=draw))

    def store(self, held):
        put_bytes(b"the same bytes from everybody", owner=held.ref, token=held.token)

    def fail(self, held):
        leases.fail(held, cause="exit_1", message="crash")

    def hand_back(self, held):
        leases.hand_back(held, cause="worker_stopped")

    def refuse(self, held):
        services.refuse(held, code="NO", message="no")

    def cancelled(self, held):
        services.cancelled(held)

    def bury(self, held):
        leases.bury(held, cause="storage_full", message="full")

    @invariant()
    def its_history_follows_the_table(self):
        place = Status.QUEUED
        for change in StatusChange.objects.filter(ref=self.ref).order_by("id"):
            assert change.old == place and change.new in Job.ALLOWED[change.old]
            place = change.new
        assert place == self.job.status

    @invariant()
    def it_is_recorded_at_most_once_and_the_result_stays(self):
        recorded = Entry.objects.filter(thread=self.ref, event="job:recorded").count()
        assert recorded == (1 if self.job.status == Status.SUCCEEDED else 0)
        assert (self.job.weights != "") == (recorded == 1)

    @invariant()
    def tokens_only_grow_and_one_attempt_is_open_while_it_runs(self):
        job = self.job
        assert job.token == job.attempt == Attempt.objects.filter(job=job).count() >= self.token
        self.token = job.token
        assert Attempt.objects.filter(job=job, ended_at=None).count() == (job.status == Status.RUNNING)

    @invariant()
    def failures_stay_under_the_cap_unless_it_is_over(self):
        job = self.job
        assert job.failures < job.max_attempts or job.status in Job.FINAL

    @invariant()
    def nothing_pending_outlives_its_attempt(self):
        sweep.discard_stale()
        mine = ObjectClaim.objects.filter(owner=self.ref)
        assert all(self.job.status == Status.RUNNING and claim.token == self.job.token for claim in mine)
        assert StoredObject.objects.filter(status="pending").count() == mine.count()


@pytest.mark.django_db
def test_a_job_obeys_its_table_whoever_acts_in_whatever_order():
    few = settings(
        max_examples=8, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(JobMachine, settings=few)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_job_obeys_its_table_at_length():
    many = settings(
        max_examples=150, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(JobMachine, settings=many)
