"""One plan whose verdict cannot be reached, and the others that must be all the same."""

from typing import Any

import pytest

from governance.errors import Conflict
from governance.jobs.models import Plan
from governance.verification import waiting_verdicts
from governance.verification.models import SentinelRetest, SentinelSet
from tests.lineage.twins import Twins

pytestmark = pytest.mark.django_db


def test_a_plan_whose_verdict_cannot_be_reached_does_not_hold_up_the_next(
    ward: Any, folk: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    twins = Twins(ward, folk, tmp_path)
    made = {"dataset": ward.dataset, "kind": "person", "count": 8, "body": {}, "digest": "x", "planter": folk.auditor}
    planted = SentinelSet.objects.create(**made)
    plans = [twins.plan(twins.taught(model), status="verifying") for model in (twins.first, twins.second)]
    for plan in plans:
        SentinelRetest.objects.create(sentinels=planted, checkpoint=plan.candidate, outcome="clean")
    seen: list[int] = []

    def conclude(plan: Plan) -> None:
        seen.append(plan.pk)
        if plan.pk == plans[0].pk:
            raise Conflict("It was proposed before.", code="already_proposed")
        Plan.objects.filter(pk=plan.pk).update(status="stopped")

    monkeypatch.setattr(waiting_verdicts, "conclude", conclude)
    assert waiting_verdicts.advance_waiting() == 1
    assert sorted(seen) == [plan.pk for plan in plans]
