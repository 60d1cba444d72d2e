"""One erasure, end to end, through the services and the real runner."""

import pytest

from governance.audit import fsck, sequencer
from governance.intake.models import ErasureRequest
from governance.jobs.models import Certificate, Plan
from governance.lineage.models import Checkpoint
from governance.objects.destruction import unreferenced
from tests.story.world import Clinic

pytestmark = pytest.mark.django_db
TWELVE = list(range(40, 52))


def test_twelve_patients_are_erased_and_everything_follows(clinic: Clinic):
    digits = clinic.digits()
    plan = clinic.erase(TWELVE, clinic.policy())

    assert plan.route == "certified.delete"
    assert plan.status == Plan.Status.CLOSED
    assert {r.status for r in ErasureRequest.objects.all()} == {ErasureRequest.Status.FULFILLED}
    old, new = plan.source, plan.candidate
    assert Checkpoint.objects.get(pk=old.pk).status == Checkpoint.Status.DESTROYED
    assert new is not None
    assert Checkpoint.objects.get(pk=new.pk).status == Checkpoint.Status.RELEASED
    assert [v.outcome for v in plan.verdicts.all()] == ["inconclusive"]
    certificate = Certificate.objects.get(checkpoint=new)
    assert certificate.effective_at is not None
    assert certificate.body["a"]["epsilon"] <= 0.5 < certificate.body["b"]["epsilon"]
    assert {c.status for c in digits.checkpoints.all()} == {Checkpoint.Status.CANDIDATE}
    sequencer.catch_up()
    assert fsck.faults() == []
    assert unreferenced() == []
