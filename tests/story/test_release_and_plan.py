"""A first release by two people; and nothing is left to learn from when both patients leave."""

from typing import Any

import pytest

from governance.errors import Conflict
from governance.intake.models import ErasureRequest
from governance.intake.packs import install_packs
from governance.jobs import plans
from governance.jobs.models import Plan
from tests.story.world import Clinic

pytestmark = pytest.mark.django_db


def test_two_people_release_a_trained_model(folk):
    clinic = Clinic(folk)
    checkpoint = clinic.train(clinic.model, clinic.snapshot)
    release = clinic.release(checkpoint, clinic.policy())
    assert release.status == "published"


class TwoPatients(Clinic):
    def rows(self, data: Any) -> tuple[Any, Any]:
        return data.data[:2], data.target[:2]


def test_a_deletion_that_would_leave_nobody_is_refused_and_changes_nothing(folk):
    install_packs()
    clinic = TwoPatients(folk)
    policy = clinic.policy(bounds__b_epsilon=50.0)
    clinic.first_release(policy)
    requests = clinic.ask([0, 1])
    plan = plans.propose(model=clinic.model, policy=policy, actor=clinic.officer)
    assert plan.route == "withdraw"
    with pytest.raises(Conflict) as refusal:
        plans.confirm(plan=plan, actor=clinic.officer)
    assert refusal.value.code == "empty_dataset_after_deletion"
    assert Plan.objects.get(pk=plan.pk).status == Plan.Status.PROPOSED
    for request in requests:
        request.refresh_from_db()
        assert request.status == ErasureRequest.Status.SCOPED
