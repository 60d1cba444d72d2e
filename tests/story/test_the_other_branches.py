"""Retraining where it is cheaper, people who may not, and a stopped plan that climbs."""

import pytest

from governance.actors import person
from governance.errors import Conflict, FourEyes, GateShut
from governance.jobs import plans
from governance.jobs.leases import claim, fail
from governance.jobs.models import Certificate, Disposition, Job, Plan
from governance.jobs.services import retry_dead
from governance.lineage.models import Checkpoint
from governance.releases import services as releases
from governance.verification.models import Verdict
from tests.story.world import Clinic, work
from unlearning.accounting import Ledger

pytestmark = pytest.mark.django_db
JOINTLY = {"claim__regime": "joint", "claim__epsilon": 0.05, "bounds__b_epsilon": 200.0}


@pytest.mark.slow
def test_where_all_are_certified_together_retraining_wins_and_holds_none_of_them(clinic: Clinic):
    plan = clinic.erase([3, 4, 5, 6, 7, 8], clinic.policy(**JOINTLY))
    assert (plan.route, plan.status) == ("retrain", Plan.Status.CLOSED)
    certificate = Certificate.objects.get(checkpoint=plan.candidate)
    assert (certificate.rung, certificate.body["a"]["epsilon"]) == ("retrained", 0.0)
    verdict = plan.verdicts.get()
    assert verdict.outcome == "inconclusive"
    assert not any("Retrain" in way for way in verdict.body["decides"]), "it came of nothing else"
    assert certificate.body["group"] == 6
    assert not plan.candidate.ancestors.exists()
    assert {d.status for d in plan.dispositions.all()} == {Disposition.Status.RETRAINED}
    events = [event.event for event in Ledger.from_dict(Checkpoint.objects.get(pk=plan.candidate.pk).ledger).events]
    assert events == ["trained", "released", "deleted", "retrained", "released"]


def test_the_proposer_cannot_approve_whatever_their_roles_and_nobody_counts_twice(clinic: Clinic):
    policy = clinic.policy()
    clinic.first_release(policy)
    clinic.ask([9])
    clinic.officer = person(clinic.folk.both, "privacy_officer")  # also an approver
    plan = clinic.plan(policy)
    with pytest.raises(FourEyes, match="proposed"):
        releases.approve(release=plan.release, actor=person(clinic.folk.both, "approver"))
    with pytest.raises(FourEyes, match="role approver"):
        releases.approve(release=plan.release, actor=person(clinic.folk.auditor, "auditor"))
    releases.approve(release=plan.release, actor=clinic.approvers()[0])
    with pytest.raises(FourEyes, match="already"):
        releases.approve(release=plan.release, actor=clinic.approvers()[0])
    assert plan.release.approvals.count() == 1


def test_a_plan_whose_facts_changed_must_be_made_anew(clinic: Clinic):
    policy = clinic.policy()
    clinic.first_release(policy)
    clinic.ask([9])
    plan = plans.propose(model=clinic.model, policy=policy, actor=clinic.officer)
    clinic.ask([10])
    with pytest.raises(Conflict, match="has changed since"):
        plans.confirm(plan=plan, actor=clinic.officer)
    plans.discard(plan=plan, actor=clinic.officer)
    assert plans.propose(model=clinic.model, policy=policy, actor=clinic.officer).body["inputs"]["batch_rows"] == 2


def test_at_the_cap_publishing_is_refused_by_how_much_and_deletion_is_not(clinic: Clinic):
    first = clinic.train(clinic.model, clinic.snapshot)
    tight = clinic.policy(bounds__b_epsilon=0.6)
    with pytest.raises(GateShut, match="above the cap"):
        releases.propose(checkpoint=first, policy=tight, actor=clinic.operator)
    clinic.release(first, clinic.policy())
    clinic.ask([11])
    plan = clinic.plan(tight)
    assert plan.candidate is not None
    assert plan.status == Plan.Status.STOPPED


def test_a_stopped_plan_climbs_to_retraining_and_voids_the_first_certificate(clinic: Clinic):
    policy = clinic.policy()
    _, place = clinic.first_release(policy)
    clinic.ask([12])
    plan = clinic.plan(policy)
    first = plan.candidate
    releases.withdraw(release=plan.release, reason="an approver saw something odd", actor=clinic.approvers()[0])
    plan = plans.climb(plan=Plan.objects.get(pk=plan.pk), actor=clinic.officer)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.status == Plan.Status.GATE
    assert plan.candidate != first
    assert Certificate.objects.get(checkpoint=first).voided_at is not None
    assert Verdict.objects.filter(plan=plan).count() == 2
    clinic.approve(plan.release)
    clinic.deploy(plan.candidate, place)
    plan = clinic.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    assert Checkpoint.objects.get(pk=first.pk).status == Checkpoint.Status.DESTROYED


def test_a_dead_letter_of_a_plan_goes_round_again_and_the_plan_with_it(clinic: Clinic):
    policy = clinic.policy()
    clinic.first_release(policy)
    clinic.ask([13])
    plan = clinic.confirmed(policy)
    job = plan.jobs.get()
    Job.objects.filter(pk=job.pk).update(max_attempts=1)
    held = claim(job.ref, worker="test")
    assert held is not None
    fail(held, cause="exit_1", message="The runner ended with exit code 1.")
    assert Plan.objects.get(pk=plan.pk).status == Plan.Status.STOPPED
    retry_dead(job.ref, actor=clinic.operator)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.status == Plan.Status.GATE
    events = Ledger.from_dict(plan.candidate.ledger).events
    assert [event.event for event in events] == ["trained", "released", "deleted", "draw_discarded", "steps"]


def test_a_dead_letter_of_a_candidate_that_was_given_up_wakes_no_plan(clinic: Clinic):
    policy = clinic.policy()
    clinic.first_release(policy)
    clinic.ask([14])
    plan = clinic.confirmed(policy)
    old = plan.jobs.get()
    Job.objects.filter(pk=old.pk).update(max_attempts=1)
    held = claim(old.ref, worker="test")
    assert held is not None
    fail(held, cause="exit_1", message="The runner ended with exit code 1.")
    plans.climb(plan=Plan.objects.get(pk=plan.pk), actor=clinic.officer)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    releases.withdraw(release=plan.release, reason="seen by an approver", actor=clinic.approvers()[0])
    retry_dead(old.ref, actor=clinic.operator)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.status == Plan.Status.STOPPED, "what the plan gave up brings nothing back, so nobody may wait for it"
    assert plans.climb(plan=plan, actor=clinic.officer).status == Plan.Status.UNLEARNING
