"""A method that diverges on the rows to forget: nobody reads why, the plan goes on, and the case takes it along."""

from typing import Any

import pytest

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.audit.models import Sealed
from governance.audit.sealing import unseal
from governance.jobs import plans
from governance.jobs.leases import claim
from governance.jobs.models import Plan
from governance.jobs.tiers import UNFINISHED
from governance.reports.bundle import bundle
from governance.reports.trust import trust_document
from tests.story.search import tables, traces
from tests.story.world import run_attempt, work
from tests.story.writers import NPO, Press, quickly

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
BREAKS = {"method": "npo", "params": {**NPO["params"], "lr": 9e15, "utility_floor": 0.0, "collapse": 0.0}}


def test_why_a_method_did_not_end_is_sealed_and_goes_with_the_case(
    folk: Any, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    settings.OBELUS_VAR = tmp_path
    quickly(monkeypatch)
    press = Press(folk)
    policy = press.rules([BREAKS, NPO])
    _, place = press.first_release(policy)
    press.ask([2])
    plan = press.confirmed(policy)
    job = plan.jobs.get()
    held = claim(job.ref, worker="test")
    assert held is not None
    run_attempt(held)
    plan, job = Plan.objects.get(pk=plan.pk), plan.jobs.get()
    assert (plan.status, job.status, job.code) == (Plan.Status.STOPPED, "refused", UNFINISHED)
    assert unseal(plan.ref, f"measurements/{job.ref}")["refused"]["code"] == "TRAINING_DIVERGED"
    assert traces({"why": b"DIVERGED", "how": b"NaN or infinity"}, tables()) == []
    plan = plans.climb_to_the_top(plan=plan, actor=press.officer)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    press.approve(plan.release)
    press.deploy(plan.candidate, place)
    plan = press.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    assert ("measurements", job.ref) in {(item.kind, item.target) for item in plan.destruction.all()}
    assert not Sealed.objects.filter(case_id=plan.ref, name=f"measurements/{job.ref}").exists()
    assert verify_bytes(bundle(plan=plan), trust=parse_trust(canonical_bytes(trust_document()))).differences == []
