"""One person in two models, in a dataset that no model uses, and in a plan that was dropped."""

import pytest

from governance.intake.models import ErasureRequest
from governance.jobs import plans
from governance.jobs.models import Certificate, Plan
from governance.lineage.models import Checkpoint, Snapshot
from governance.objects.destruction import unreferenced
from governance.objects.models import StoredObject
from governance.releases import destruction, services
from governance.releases.leftovers import remove_leftover_rows
from tests.story.world import Clinic, problem

pytestmark = pytest.mark.django_db


def test_rows_go_only_when_every_model_that_learned_from_them_is_done(clinic: Clinic):
    policy = clinic.policy()
    first = clinic.model
    second = clinic.register("survival", clinic.snapshot, problem(), holdout=clinic.holdout)
    for model in (first, second):
        clinic.release(clinic.train(model, clinic.snapshot), policy)
    (request,) = clinic.ask([21])

    one = clinic.plan(policy)
    clinic.approve(one.release)
    one = clinic.destroy(one)
    assert one.status == Plan.Status.DESTROYING
    waiting = one.destruction.get(done_at=None)
    assert (waiting.kind, second.ref in waiting.error) == ("snapshot", True)
    assert Certificate.objects.get(plan=one).effective_at is None

    clinic.model = second
    two = clinic.plan(policy)
    clinic.approve(two.release)
    clinic.destroy(two)
    destruction.advance_destroying()
    assert {plan.status for plan in Plan.objects.all()} == {Plan.Status.CLOSED}
    assert Snapshot.objects.get(pk=clinic.snapshot.pk).destroyed_at is not None
    request.refresh_from_db()
    assert request.status == ErasureRequest.Status.FULFILLED


def test_rows_in_a_dataset_that_no_model_uses_go_too(clinic: Clinic):
    other = clinic.take("a register nobody trained on", clinic.features[:30], clinic.labels[:30])
    plan = clinic.erase([22], clinic.policy())
    assert plan.status == Plan.Status.CLOSED
    request = ErasureRequest.objects.get()
    assert request.status == ErasureRequest.Status.IN_PROGRESS
    remove_leftover_rows()
    request.refresh_from_db()
    assert request.status == ErasureRequest.Status.FULFILLED
    assert Snapshot.objects.get(pk=other.pk).destroyed_at is not None


def test_what_a_dropped_plan_made_is_destroyed_and_its_request_waits_again(clinic: Clinic):
    policy = clinic.policy()
    clinic.first_release(policy)
    (request,) = clinic.ask([23])
    plan = clinic.plan(policy)
    services.withdraw(release=plan.release, reason="not now", actor=clinic.approvers()[0])
    plans.discard(plan=Plan.objects.get(pk=plan.pk), actor=clinic.officer)
    destruction.advance_destroying()
    made = list(plan.jobs.exclude(weights="").values_list("weights", flat=True))
    gone = StoredObject.objects.filter(digest__in=made, status=StoredObject.Status.DESTROYED)
    assert len(made) == 3
    assert gone.count() == 3
    assert Checkpoint.objects.get(pk=plan.candidate.pk).status == Checkpoint.Status.DESTROYED
    assert Certificate.objects.get(plan=plan).voided_at is not None
    assert {d.status for d in request.dispositions.all()} == {"open"}
    assert plans.propose(model=clinic.model, policy=policy, actor=clinic.officer).body == plan.body
    assert [fault for fault in unreferenced() if fault.startswith("missing")] == []
