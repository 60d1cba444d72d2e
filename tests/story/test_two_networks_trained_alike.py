"""Two networks trained alike are one object: the first erasure must leave the second what it starts from."""

from typing import Any

import pytest

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.audit import fsck, sequencer
from governance.intake.models import ErasureRequest
from governance.jobs.models import Plan
from governance.objects.models import StoredObject
from governance.objects.references import held_for_nothing
from governance.releases.destruction import advance_destroying
from governance.reports.bundle import bundle
from governance.reports.trust import trust_document
from tests.story.networks import PROBLEM, NetworkClinic, quickly

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("own_store")]


def status_of(digest: str) -> str:
    return str(StoredObject.objects.get(digest=digest).status)


def test_the_second_is_planned_attacked_and_replaced_from_its_own_old_weights(folk: Any, monkeypatch: Any) -> None:
    quickly(monkeypatch)
    clinic = NetworkClinic(folk)
    policy, first = clinic.rules(None), clinic.model
    old, place = clinic.first_release(policy)
    second = clinic.register("twin", clinic.snapshot, PROBLEM, holdout=clinic.holdout)
    twin = clinic.train(second, clinic.snapshot)
    clinic.release(twin, policy)
    assert (twin.object_digest, twin.model) == (old.object_digest, second), "seeded training gives the same bytes"
    (request,) = clinic.ask([21])

    one = clinic.plan(policy)
    clinic.approve(one.release)
    clinic.deploy(one.candidate, place)
    one = clinic.destroy(one)
    assert one.status == Plan.Status.DESTROYING and status_of(old.object_digest) == "held"
    assert second.ref in one.destruction.get(kind="weights").error

    clinic.model = second
    two = clinic.plan(policy)
    assert two.status == Plan.Status.GATE, [(job.engine, job.code, job.message) for job in two.jobs.all()]
    clinic.approve(two.release)
    clinic.destroy(two)
    advance_destroying()
    assert {plan.status for plan in Plan.objects.all()} == {Plan.Status.CLOSED}
    assert status_of(old.object_digest) == "destroyed" and held_for_nothing() == []
    kept = {status_of(plan.candidate.object_digest) for plan in Plan.objects.filter(model__in=[first, second])}
    assert kept == {"held"}, "what replaced them stays, the same bytes or not"
    request.refresh_from_db()
    assert request.status == ErasureRequest.Status.FULFILLED
    sequencer.catch_up()
    assert fsck.faults() == []
    trust = parse_trust(canonical_bytes(trust_document()))
    assert [verify_bytes(bundle(plan=plan), trust=trust).differences for plan in Plan.objects.all()] == [[], []]
