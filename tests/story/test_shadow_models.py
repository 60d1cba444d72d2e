"""Where a policy asks for likelihood ratios, shadow models are trained beside the references, and go with them."""

from typing import Any

import pytest

from governance.jobs.models import Job
from governance.releases.listing import lost_weights
from governance.releases.models import DestructionItem
from tests.story.networks import STRONG, NoisyClinic, quickly

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_shadows_are_trained_asked_and_destroyed_with_the_plan(folk: Any, monkeypatch: pytest.MonkeyPatch):
    quickly(monkeypatch)
    clinic = NoisyClinic(folk)
    priced = {"row_epoch_s": 0.01, "unlearn_row_epoch_s": 0.001}
    policy = clinic.rules(STRONG, membership=["loss", "lira", "ulira"], margin=0.3, utility_floor=0.4, prices=priced)
    plan = clinic.asked(policy, numbers=clinic.batch)
    controls = plan.jobs.filter(purpose=Job.Purpose.REFERENCE)
    assert {job.engine for job in controls} == {"classifier.references", "classifier.shadows"}
    attack = plan.jobs.get(engine="verify.network")
    assert attack.status == Job.Status.SUCCEEDED, attack.message
    assert {"references", "shadows"} <= attack.spec["inputs"].keys()
    assert plan.body["choice"]["shadows_s"] > 0
    names = {battery["name"] for battery in plan.verdicts.get().body["batteries"]}
    assert any(name.startswith("membership.ulira") for name in names), names
    listed = set(lost_weights(plan))
    assert {(DestructionItem.Kind.REFERENCE, job.weights) for job in controls} <= listed, "they go with the plan"
