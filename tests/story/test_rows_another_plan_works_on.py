"""Two models on one dataset, two people: what one plan destroys is not what the other plan is working on."""

import pytest

from governance.jobs import plans, services
from governance.jobs.leases import claim
from governance.jobs.models import Plan
from governance.lineage.models import Snapshot
from governance.verification.models import Policy
from tests.story.world import Clinic, problem, run_attempt, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(clinic: Clinic):
    """The other model's plan, claimed by a slow worker, and the version without its person that it works on."""
    policy = clinic.policy(verification__references=1)
    first = clinic.model
    other = clinic.register("survival", clinic.snapshot, problem(), holdout=clinic.holdout)
    for model in (first, other):
        clinic.release(clinic.train(model, clinic.snapshot), policy)
    clinic.ask([31])
    clinic.model = other
    theirs = clinic.confirmed(policy)
    slow = claim(theirs.jobs.get().ref, worker="slow")
    theirs.refresh_from_db()
    clinic.model = first
    return theirs, slow


def carried_out(clinic: Clinic, policy: Policy) -> Plan:
    """A second person asks while the other plan is under way, so its new version still holds their row."""
    clinic.ask([32])
    plan = clinic.plan(policy)
    clinic.approve(plan.release)
    return clinic.destroy(plan)


def assert_kept(theirs: Plan, ours: Plan) -> None:
    version = theirs.new_snapshot
    waiting = ours.destruction.get(target=version.ref)
    assert (waiting.kind, waiting.done_at, theirs.ref in waiting.error) == ("snapshot", None, True)
    assert Snapshot.objects.get(pk=version.pk).destroyed_at is None
    assert ours.status == Plan.Status.DESTROYING


def test_a_version_that_another_plan_works_on_outlives_the_first_plans_destruction(clinic: Clinic, begun):
    theirs, slow = begun
    assert_kept(theirs, carried_out(clinic, theirs.policy))
    run_attempt(slow)
    work()
    theirs.refresh_from_db()
    assert theirs.status == Plan.Status.GATE, "it found its own version still there"


def test_a_stopped_plan_can_still_climb_to_retraining_on_its_own_version(clinic: Clinic, begun):
    theirs, slow = begun
    services.refuse(slow, code="ETA_TOO_LARGE", message="The step is too large.")
    theirs.refresh_from_db()
    assert (theirs.status, theirs.candidate) == (Plan.Status.STOPPED, None)
    assert_kept(theirs, carried_out(clinic, theirs.policy))
    plans.climb(plan=theirs, actor=clinic.officer)
    work()
    theirs.refresh_from_db()
    assert theirs.status == Plan.Status.GATE
