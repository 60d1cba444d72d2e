"""The same story with a runner process for each job, and children of its own for the references."""

from typing import Any
from unittest.mock import patch

import pytest

from governance.jobs.models import Plan
from governance.objects.store import parts_of
from governance.verification.models import Verdict
from tests.story import world
from tests.story.networks import STRONG, NetworkClinic

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_a_network_is_trained_unlearned_attacked_and_passes(folk: Any):
    with patch.object(world, "ATTEMPT", world.by_the_runner):
        clinic = NetworkClinic(folk)
        plan = clinic.asked(clinic.rules(STRONG, probes=["relearning.retain", "probe.linear"]))
    attack, references = plan.jobs.get(engine="verify.network"), plan.jobs.get(engine="classifier.references")
    assert sorted(parts_of(references.weights)) == [f"seed_{seed}/model.safetensors" for seed in (1, 2, 3)]
    names = {battery["name"] for battery in plan.verdicts.get().body["batteries"]}
    assert names == {"uma.linf.label_only", "relearning.retain", "probe.linear"}
    assert attack.attempt == 1
    # Same seeds, same bytes: the outcome is the one that the engines in one process come to.
    assert plan.verdicts.get().outcome == Verdict.Outcome.PASSED
    assert plan.status == Plan.Status.GATE
