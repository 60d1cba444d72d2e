"""A certified plan with a witness: what it says is in the verdict, and when it accuses, nothing is published."""

import json

import numpy as np
import pytest

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.actors import person
from governance.errors import GateShut
from governance.jobs import plans
from governance.jobs.leases import claim
from governance.jobs.models import Plan
from governance.lineage.models import Deployment
from governance.releases.gate import require_open
from governance.reports.bundle import bundle
from governance.reports.trust import trust_document
from governance.verification import alarms
from governance.verification.measurement_words import measurement_words
from governance.verification.policies import faults
from governance.verification.witnessing import is_asked
from tests.story.world import Clinic, policy_body, run_attempt, work
from unlearning.certified.noise import NoiseStream

pytestmark = pytest.mark.django_db


def test_policies_without_a_witness_still_hold():
    assert "witness" in policy_body()["verification"] and faults(policy_body()) == []
    assert "witness" in faults(policy_body(verification__witness={"level": 2}))[0]
    body = policy_body()
    body["verification"].pop("witness")
    assert faults(body) == []


def test_the_verdict_tells_what_the_witness_said_and_all_else_stays_sealed(clinic: Clinic):
    policy = clinic.policy()
    clinic.first_release(policy)
    clinic.ask([3])
    plan = clinic.plan(policy)
    assert plan.status == Plan.Status.GATE, [job.message for job in plan.jobs.all()]
    verdict = plan.verdicts.get()
    job = plan.jobs.get(engine="verify.witness")
    assert verdict.job.engine == "verify.linear"
    # With 31 weights half the steps cannot be told, and the verdict says with what power.
    assert verdict.body["witness"]["outcome"] == "inconclusive"
    assert verdict.body["witness"]["power_half_steps"] < 0.3
    assert any("cannot tell" in reason for reason in verdict.body["reasons"])
    opened = [line["name"] for line in job.result["open"]["measurements"]]
    assert opened == ["witness.accused"]
    assert measurement_words("witness.accused").startswith("Witness of noise and steps")
    assert "p_value" not in json.dumps(verdict.body)


@pytest.fixture
def accused(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A deletion whose steps were taken without the noise that its ledger tells of."""
    policy = clinic.policy()
    clinic.first_release(policy)
    clinic.ask([3])
    monkeypatch.setattr(NoiseStream, "normals", lambda stream, count: np.zeros(count))
    held = claim(clinic.confirmed(policy).jobs.get().ref, worker="test")
    assert held is not None
    run_attempt(held)
    monkeypatch.undo()
    work()
    return Plan.objects.latest("id")


def test_noise_that_was_not_there_stops_the_plan_and_a_false_alarm_publishes_the_same_draw(
    clinic: Clinic, accused: Plan
):
    verdict = accused.verdicts.get()
    assert verdict.outcome == "failed_witness"
    assert (verdict.body["outcome"], verdict.body["kind"]) == ("failed", "witness")
    assert (accused.status, accused.release) == (Plan.Status.STOPPED, None)
    with pytest.raises(GateShut, match="noise or steps"):
        require_open(accused.candidate, accused.policy)
    other = person(clinic.folk.both, "privacy_officer")
    alarms.clear(plan=accused, finding="The generator was looked into; it was chance.", actor=other)
    plan = Plan.objects.get(pk=accused.pk)
    assert plan.status == Plan.Status.GATE
    assert plan.release.checkpoint == accused.candidate
    assert plan.verdicts.latest("id").body["witness"]["outcome"] == "accused"
    assert "witness" in plan.verdicts.latest("id").body["reasons"][0]
    assert plan.jobs.filter(purpose="unlearn").count() == 1
    accused.candidate.ledger = None
    assert not is_asked(accused), "a model without noise has nothing to be held to"


def test_an_accusation_that_was_true_voids_the_certificate(clinic: Clinic, accused: Plan):
    plan = plans.climb(plan=accused, actor=clinic.officer)
    work()
    plan = Plan.objects.get(pk=plan.pk)
    assert plan.certificates.order_by("id").first().voided_at is not None
    # The retrained candidate has noise in its ledger too, and a witness of its own.
    assert plan.jobs.filter(engine="verify.witness").count() == 2
    assert plan.verdicts.latest("id").body["witness"]["power_half_steps"] is None
    assert plan.status == Plan.Status.GATE

    clinic.approve(plan.release)
    clinic.deploy(plan.candidate, Deployment.objects.get())
    plan = clinic.destroy(plan)
    report = verify_bytes(bundle(plan=plan), trust=parse_trust(canonical_bytes(trust_document())))
    assert report.differences == [], "the verifier takes the second witness for the second candidate"
