"""Withdrawing a model: the way that is always open, so that every request can end."""

import pytest

from governance.actors import TICK, person
from governance.audit.models import Entry
from governance.errors import Conflict, Forbidden, Invalid
from governance.intake.models import ErasureRequest
from governance.jobs import plans
from governance.jobs.leases import claim
from governance.jobs.models import Disposition, Job, Plan
from governance.jobs.services import cancelled
from governance.lineage.models import Checkpoint, Snapshot
from governance.lineage.services import start_training
from governance.lineage.switching_off import stop_serving
from governance.objects.models import StoredObject
from governance.releases import services as releases
from governance.releases.destruction import advance_destroying, advance_published
from governance.releases.leftovers import remove_leftover_rows
from governance.releases.models import Release
from governance.releases.withdrawal import advance_withdrawn, withdraw_model
from tests.story.world import Clinic, problem, work

pytestmark = pytest.mark.django_db
WHY = "It is of no more use."


def tick() -> None:
    advance_published()
    advance_destroying()
    advance_withdrawn()
    remove_leftover_rows()


def withdraw(clinic: Clinic) -> None:
    withdraw_model(model=clinic.model, reason=WHY, actor=clinic.officer)


def statuses(requests: list[ErasureRequest]) -> set[str]:
    return set(ErasureRequest.objects.filter(pk__in=[each.pk for each in requests]).values_list("status", flat=True))


def gone(digest: str) -> bool:
    return StoredObject.objects.get(digest=digest).status == StoredObject.Status.DESTROYED


def everything_is_gone(clinic: Clinic) -> bool:
    weights = clinic.model.checkpoints.values_list("status", "object_digest")
    objects = all(status == "destroyed" and gone(digest) for status, digest in weights)
    return objects and Snapshot.objects.get(pk=clinic.snapshot.pk).destroyed_at is not None


def test_after_withdrawing_the_only_model_every_request_ends_and_weights_and_rows_are_gone(clinic: Clinic):
    _, place = clinic.first_release(clinic.policy())
    requests = clinic.ask([3, 4])
    withdraw(clinic)
    assert set(Disposition.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert Release.objects.get().status == Release.Status.WITHDRAWN
    tick()
    assert statuses(requests) == {"scoped"}, "the ward still serves it"
    assert not gone(clinic.model.checkpoints.get().object_digest)
    stop_serving(deployment=place, actor=clinic.operator)
    tick()
    assert statuses(requests) == {"fulfilled"}
    assert everything_is_gone(clinic)
    [kept] = Snapshot.objects.filter(dataset=clinic.snapshot.dataset, destroyed_at=None)
    assert kept.rows == clinic.snapshot.rows - 2
    assert Entry.objects.filter(thread=clinic.model.ref, event="model:withdrawn").count() == 1


def test_the_only_release_withdrawn_first_leaves_a_request_that_still_can_end(clinic: Clinic):
    first = clinic.train(clinic.model, clinic.snapshot)
    release = clinic.release(first, clinic.policy())
    requests = clinic.ask([5])
    releases.withdraw(release=release, reason=WHY, actor=clinic.approvers()[0])
    with pytest.raises(Conflict, match="no live checkpoint"):
        plans.propose(model=clinic.model, policy=release.policy, actor=clinic.officer)
    withdraw(clinic)
    tick()
    assert statuses(requests) == {"fulfilled"}
    assert everything_is_gone(clinic)


def test_a_plan_at_its_gate_is_dropped_with_all_it_made(clinic: Clinic):
    policy = clinic.policy()
    clinic.train(clinic.model, clinic.snapshot)
    requests = clinic.ask([6, 7])
    plan = clinic.plan(policy)
    assert plan.status == Plan.Status.GATE
    withdraw(clinic)
    plan.refresh_from_db()
    assert plan.status == Plan.Status.DISCARDED
    assert plan.certificates.get().voided_at is not None
    tick()
    tick()
    assert statuses(requests) == {"fulfilled"}
    assert everything_is_gone(clinic)
    assert not plan.destruction.filter(done_at=None).exists()


def test_a_running_job_is_asked_to_stop_and_waited_for(clinic: Clinic):
    clinic.train(clinic.model, clinic.snapshot)
    requests = clinic.ask([8])
    plan = clinic.confirmed(clinic.policy())
    job = plan.jobs.order_by("id").first()
    held = claim(job.ref, worker="test")
    withdraw(clinic)
    tick()
    job.refresh_from_db()
    plan.refresh_from_db()
    assert (job.status, job.cancel_requested, plan.status) == (Job.Status.RUNNING, True, Plan.Status.UNLEARNING)
    assert statuses(requests) == {"in_progress"}
    assert not Checkpoint.objects.filter(status="destroyed").exists()
    cancelled(held)
    tick()
    tick()
    plan.refresh_from_db()
    assert plan.status == Plan.Status.DISCARDED
    assert statuses(requests) == {"fulfilled"}
    assert everything_is_gone(clinic)


@pytest.mark.slow
def test_a_published_plan_ends_by_itself_and_then_its_candidate_goes_too(clinic: Clinic):
    policy = clinic.policy()
    _, place = clinic.first_release(policy)
    requests = clinic.ask([9])
    plan = clinic.plan(policy)
    clinic.approve(plan.release)
    withdraw(clinic)
    tick()
    plan.refresh_from_db()
    assert plan.status == Plan.Status.PUBLISHED, "the ward still serves the old weights"
    stop_serving(deployment=place, actor=clinic.operator)
    tick()
    tick()
    plan.refresh_from_db()
    assert plan.status == Plan.Status.CLOSED
    assert set(Disposition.objects.values_list("status", flat=True)) == {"unlearned"}
    assert statuses(requests) == {"fulfilled"}
    assert everything_is_gone(clinic)


@pytest.mark.slow
def test_a_model_whose_plan_is_closed_can_be_withdrawn(clinic: Clinic):
    plan = clinic.erase([10], clinic.policy())
    withdraw(clinic)
    assert Release.objects.get(plan=plan).status == Release.Status.WITHDRAWN
    stop_serving(deployment=clinic.model.deployments.get(), actor=clinic.operator)
    tick()
    assert not clinic.model.checkpoints.exclude(status="destroyed").exists()


def test_training_that_was_under_way_brings_no_new_model(clinic: Clinic):
    clinic.train(clinic.model, clinic.snapshot)
    start_training(model=clinic.model, snapshot=clinic.snapshot, actor=clinic.operator)
    requests = clinic.ask([11])
    withdraw(clinic)
    work()
    tick()
    assert statuses(requests) == {"fulfilled"}
    assert everything_is_gone(clinic)


def test_another_model_that_learned_from_the_same_person_keeps_its_request_open(clinic: Clinic):
    clinic.train(clinic.model, clinic.snapshot)
    other = clinic.register("second opinion", clinic.snapshot, problem(), holdout=clinic.holdout)
    clinic.train(other, clinic.snapshot)
    requests = clinic.ask([12])
    withdraw(clinic)
    tick()
    assert statuses(requests) == {"scoped"}
    assert other.checkpoints.get().status == Checkpoint.Status.CANDIDATE
    assert Snapshot.objects.get(pk=clinic.snapshot.pk).destroyed_at is None
    withdraw_model(model=other, reason=WHY, actor=clinic.officer)
    tick()
    assert statuses(requests) == {"fulfilled"}


def test_only_a_person_withdraws_once_and_says_why(clinic: Clinic):
    with pytest.raises(Forbidden):
        withdraw_model(model=clinic.model, reason=WHY, actor=TICK)
    with pytest.raises(Invalid):
        withdraw_model(model=clinic.model, reason="  ", actor=clinic.officer)
    withdraw_model(model=clinic.model, reason=WHY, actor=person(clinic.folk.approver, "approver"))
    with pytest.raises(Conflict, match="was withdrawn"):
        withdraw(clinic)
