"""A language model that was unlearned without a proof is asked about made authors, before anybody may approve it."""

from typing import Any

import pytest

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.errors import GateShut
from governance.jobs import plans
from governance.jobs.models import Plan
from governance.releases.gate import require_open
from governance.reports.bundle import bundle
from governance.reports.facts.whole import report_facts
from governance.reports.trust import trust_document
from governance.verification import arms
from governance.verification.models import SentinelRetest, Verdict
from governance.verification.waiting_verdicts import advance_waiting
from tests.sentinels.club import ask_releases
from tests.sentinels.press import PlantedPress
from tests.story.world import work
from tests.story.writers import quickly

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(1800)]
# Hardly moves the weights; goes on until nothing here tells the erased from strangers (half as long, it still does).
IDLE = {"method": "npo", "params": {"epochs": 1, "lr": 1e-7, "target": "epochs", "hold": 0}}
THOROUGH = {"method": "npo", "params": {"epochs": 60, "target": "epochs", "hold": 0}}
written = arms.attacked


@pytest.fixture(autouse=True)
def attack(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that looks past whatever is there: the question is what the sentinels say. Its own tests are elsewhere."""
    passed = {"outcome": "passed", "kind": None, "reasons": [], "attempt": 1}
    monkeypatch.setattr(arms, "attacked", lambda plan, job: written(plan, job) | passed)
    quickly(monkeypatch)


def attacked(press: PlantedPress, step: dict[str, Any]) -> Plan:
    """Eight of sixteen made authors ask, and nobody else; then up to where only the sentinels' test is missing."""
    press.plant(count=16, level=0.01)
    press.upload()
    policy = press.rules([step], utility_floor=0.02)
    press.first_release(policy)
    ask_releases()
    asking = press.errand()
    assert len(asking) == 8
    press.ask_as_people_do(asking)
    plan = plans.propose(model=press.model, policy=policy, actor=press.officer)
    plans.confirm(plan=plan, actor=press.officer)
    work()
    return Plan.objects.get(pk=plan.pk)


def concluded(plan: Plan) -> tuple[Plan, SentinelRetest]:
    assert (plan.status, plan.verdicts.count()) == (Plan.Status.VERIFYING, 0), "it waits for the sentinels' test"
    assert advance_waiting() == 0
    ask_releases()
    assert advance_waiting() == 1 and advance_waiting() == 0
    return Plan.objects.get(pk=plan.pk), SentinelRetest.objects.get(checkpoint=plan.candidate)


def test_made_authors_who_are_still_known_shut_the_gate_that_the_attack_alone_would_open(folk: Any):
    press = PlantedPress(folk, authors=16)
    plan, retest = concluded(attacked(press, IDLE))
    first = SentinelRetest.objects.order_by("id").first()
    assert first is not None and (first.outcome, first.job.engine) == ("baseline", "verify.language")
    assert first.body["rungs"][0]["kept"]["successes"] == 16, first.body
    assert retest.outcome == SentinelRetest.Outcome.RESIDUAL, retest.body
    assert [line["erased"]["trials"] for line in retest.body["rungs"]] == [8] * len(retest.body["rungs"])
    verdict = plan.verdicts.get()
    assert (verdict.outcome, plan.status) == (Verdict.Outcome.PASSED, Plan.Status.STOPPED)
    assert [told["outcome"] for told in verdict.body["sentinels"]] == ["residual"]
    with pytest.raises(GateShut, match="still recognised"):
        require_open(plan.candidate, plan.policy)


def test_made_authors_who_are_forgotten_open_it_and_the_verdict_names_their_test(folk: Any):
    press = PlantedPress(folk, authors=16)
    plan, retest = concluded(attacked(press, THOROUGH))
    assert plan.verdicts.get().body["sentinels"] == [
        {"set": retest.sentinels.ref, "outcome": retest.outcome, "retest": retest.digest}
    ]
    assert (retest.outcome, plan.status) == ("clean", Plan.Status.GATE), (retest.body, plan.verdicts.get().body)
    assert retest.body["words"].startswith("Most answers less surprising than nine in ten strangers'")
    press.approve(plan.release)
    press.deploy(plan.candidate, plan.model.deployments.get())
    plan = press.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    trust = parse_trust(canonical_bytes(trust_document()))
    assert verify_bytes(bundle(plan=plan), trust=trust).differences == []
    [told] = report_facts(plan=plan, at=plan.closed_at)["sentinels"]
    assert told["tests"][-1]["outcome"] == "No trace of the erased ones found"
