"""One person in two models, in a dataset that no model uses; side doors, and what is still under way."""

from itertools import pairwise

import pytest

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.audit.models import Entry
from governance.errors import Conflict, GateShut
from governance.intake.models import ErasureRequest
from governance.jobs import plans
from governance.jobs.leases import claim
from governance.jobs.models import Certificate, Job, Plan
from governance.jobs.persons_privacy import persons_history
from governance.lineage import services as lineage
from governance.lineage.models import Checkpoint, Snapshot
from governance.releases import destruction, services
from governance.releases.leftovers import remove_leftover_rows
from governance.releases.withdrawal import advance_withdrawn, withdraw_model
from governance.reports.bundle import bundle
from governance.reports.trust import trust_document
from tests.story.world import Clinic, problem, run_attempt

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
    headlines_hold(*(Plan.objects.get(pk=plan.pk) for plan in (one, two)))
    assert persons_numbers(request) == pytest.approx(joint(two))


def test_one_person_in_two_checkpoints_of_one_model_goes_with_one_plan(clinic: Clinic):
    clinic.train(clinic.model, clinic.snapshot)
    clinic.train(clinic.model, clinic.snapshot)
    (request,) = clinic.ask([21])
    assert request.dispositions.count() == 2
    plan = clinic.confirmed(clinic.policy())
    assert set(request.dispositions.values_list("plan", "status")) == {(plan.pk, "planned")}
    request.refresh_from_db()
    assert request.status == ErasureRequest.Status.IN_PROGRESS


def headlines_hold(one: Plan, two: Plan) -> None:
    """The first certificate counts a model that still held the person; the second, one that had deleted them."""
    first, second = (plan.certificates.get().body for plan in (one, two))
    assert [line["batch"] for line in first["other_models"]] == [None]
    assert [line["batch"] for line in second["other_models"]] == [one.jobs.get(purpose="unlearn").ref]
    assert second["other_models"][0]["model"] == one.model.ref
    for body in (first, second):
        assert body["b_all_models"]["mu"] > body["b"]["mu"]
    assert second["b_all_models"]["mu"] == pytest.approx((first["b"]["mu"] ** 2 + second["b"]["mu"] ** 2) ** 0.5)
    assert second["a_all_models"]["epsilon"] < first["a_all_models"]["epsilon"]
    trust = parse_trust(canonical_bytes(trust_document()))
    for plan in (one, two):
        report = verify_bytes(bundle(plan=plan), trust=trust)
        assert report.differences == []


def joint(plan: Plan) -> tuple[float, float]:
    body = plan.certificates.get().body
    return body["b_all_models"]["mu"], body["a_all_models"]["mu"]


def persons_numbers(request: ErasureRequest) -> tuple[float, float]:
    found = persons_history(request)
    assert [point.kind for point in found.points].count("deleted") == 2
    assert all(later.b.mu >= earlier.b.mu for earlier, later in pairwise(found.points)), "B never falls"
    assert found.a is not None
    return found.b.mu, found.a.mu


def test_a_certificate_does_not_start_while_a_copy_of_the_old_weights_is_still_there(clinic: Clinic):
    """A is about later releases only: a quantised copy that goes on being served is one, and says what they said."""
    policy = clinic.policy()
    first, place = clinic.first_release(policy)
    files = {"model.json": b'{"learner": {}, "version": [2, 0, 0]}'}
    small = lineage.register_foreign_checkpoint(
        name="small", dataset=None, files=files, gaps=["how"], actor=clinic.operator
    )
    lineage.add_descendant(parent=first, child=small, kind="quantized_from", actor=clinic.operator)
    clinic.ask([28])
    plan = clinic.plan(policy)
    clinic.approve(plan.release)
    clinic.deploy(plan.candidate, place)
    plan = clinic.destroy(plan)
    assert plan.status == Plan.Status.DESTROYING
    assert small.model.ref in plan.destruction.get(done_at=None).error
    assert Certificate.objects.get(plan=plan).effective_at is None

    withdraw_model(model=small.model, reason="Nobody can unlearn it.", actor=clinic.officer)
    advance_withdrawn()
    assert clinic.destroy(plan).status == Plan.Status.CLOSED


@pytest.mark.slow
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


def test_a_drawn_plan_cannot_be_dropped_and_begun_again(clinic: Clinic):
    """Two draws at the price of one, and whoever chose the moment had seen the first verdict."""
    policy = clinic.policy()
    clinic.first_release(policy)
    clinic.ask([23])
    plan = clinic.plan(policy)
    services.withdraw(release=plan.release, reason="not now", actor=clinic.approvers()[0])
    with pytest.raises(Conflict) as refusal:
        plans.discard(plan=Plan.objects.get(pk=plan.pk), actor=clinic.officer)
    assert refusal.value.code == "drawn"
    assert Plan.objects.get(pk=plan.pk).status == Plan.Status.STOPPED


def test_a_candidate_of_a_plan_has_no_side_door(clinic: Clinic):
    policy = clinic.policy()
    clinic.first_release(policy)
    clinic.ask([24])
    plan = clinic.plan(clinic.policy(bounds__a_epsilon=0.01))
    assert plan.status == Plan.Status.STOPPED
    with pytest.raises(Conflict) as refusal:
        services.propose(checkpoint=plan.candidate, policy=policy, actor=clinic.operator)
    assert refusal.value.code == "candidate_of_a_plan"


def test_nothing_new_is_trained_or_first_released_on_people_who_are_being_erased(clinic: Clinic):
    policy = clinic.policy()
    early = clinic.train(clinic.model, clinic.snapshot)
    clinic.ask([25])
    with pytest.raises(Conflict) as refusal:
        lineage.start_training(model=clinic.model, snapshot=clinic.snapshot, actor=clinic.operator)
    assert refusal.value.code == "snapshot_under_erasure"
    with pytest.raises(GateShut, match="erasure was asked for"):
        services.propose(checkpoint=early, policy=policy, actor=clinic.operator)


def test_a_training_that_ends_after_the_scope_was_confirmed_is_not_released_on_people_being_erased(clinic: Clinic):
    """Its checkpoint has no disposition yet, and no certificate issued before it can count it."""
    policy = clinic.policy()
    _, place = clinic.first_release(policy)
    second = clinic.register("survival", clinic.snapshot, problem())
    lineage.start_training(model=second, snapshot=clinic.snapshot, actor=clinic.operator)
    held = claim(Job.objects.get(status=Job.Status.QUEUED).ref, worker="slow")
    clinic.ask([25])
    plan = clinic.plan(policy)
    assert plan.certificates.get().body["other_models"] == []
    run_attempt(held)
    with pytest.raises(GateShut, match="erasure was asked for"):
        services.propose(checkpoint=second.checkpoints.get(), policy=policy, actor=clinic.operator)

    clinic.approve(plan.release)
    clinic.deploy(plan.candidate, place)
    assert clinic.destroy(plan).status == Plan.Status.DESTROYING, "it waits for the second model"
    clinic.model = second
    assert clinic.plan(policy).status == Plan.Status.GATE, "which can be planned for"


def test_a_training_in_flight_keeps_its_rows_until_it_ends(clinic: Clinic):
    policy = clinic.policy()
    first, place = clinic.first_release(policy)
    lineage.start_training(model=clinic.model, snapshot=clinic.snapshot, actor=clinic.operator)
    slow = Job.objects.get(status=Job.Status.QUEUED)
    held = claim(slow.ref, worker="slow")
    clinic.ask([26])
    plan = clinic.plan(policy)
    clinic.approve(plan.release)
    clinic.deploy(plan.candidate, place)
    plan = clinic.destroy(plan)
    assert plan.status == Plan.Status.DESTROYING
    assert slow.ref in plan.destruction.get(done_at=None).error
    run_attempt(held)
    destruction.advance_destroying()
    assert Plan.objects.get(pk=plan.pk).status == Plan.Status.CLOSED
    assert {c.status for c in Checkpoint.objects.exclude(pk=plan.candidate.pk)} == {Checkpoint.Status.DESTROYED}


def test_a_deployment_that_goes_back_keeps_the_certificate_from_starting(clinic: Clinic):
    policy = clinic.policy()
    first, place = clinic.first_release(policy)
    clinic.ask([27])
    plan = clinic.plan(policy)
    clinic.approve(plan.release)
    assert destruction.advance_published() == 0
    clinic.deploy(plan.candidate, place)
    assert destruction.advance_published() == 1
    with pytest.raises(Conflict) as refusal:
        clinic.deploy(first, place)
    assert refusal.value.code == "being_destroyed"
    assert Entry.objects.filter(thread=place.ref).count() == 4
