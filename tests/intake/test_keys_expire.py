"""So long after its end a case keeps its key; then nobody can show any more whom it was about."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from governance.actors import SYSTEM
from governance.audit.models import CaseKey, Entry, Event, Sealed
from governance.audit.sealing import commit, seal, unseal
from governance.audit.sequencer import catch_up
from governance.errors import Destroyed
from governance.intake.models import ErasureRequest, RegimePack
from governance.intake.packs import FILE, install_packs
from governance.intake.retention import destroy_expired_keys
from governance.intake.services import refuse, remove_records
from governance.jobs.models import Plan
from governance.releases.models import Release
from governance.reports.receipt import receipt
from governance.transitions import move
from tests.operation import things

pytestmark = pytest.mark.django_db
ENDED = datetime(2026, 3, 31, 12, tzinfo=UTC)


@contextmanager
def at(*day: int) -> Iterator[None]:
    with patch("django.utils.timezone.now", lambda: datetime(*day, 12, tzinfo=UTC)):
        yield


def ended(request: ErasureRequest) -> ErasureRequest:
    ErasureRequest.objects.filter(pk=request.pk).update(closed_at=ENDED)
    request.refresh_from_db()
    return request


def has_key(ref: str) -> bool:
    return CaseKey.objects.filter(case_ref=ref, destroyed_at=None, wrapped__isnull=False).exists()


@pytest.fixture
def refused(cases, officer) -> ErasureRequest:
    request = cases.received(1)
    refuse(request=request, ground="identity_not_proved", reason="No answer came.", actor=officer)
    return ended(request)


def test_a_key_lives_for_its_packs_time_to_the_day_and_then_dies_once(refused):
    with at(2028, 3, 30):
        assert destroy_expired_keys() == 0
    assert unseal(refused.ref, "identity")
    with at(2028, 3, 31):
        assert (destroy_expired_keys(), destroy_expired_keys()) == (1, 0)
    assert not has_key(refused.ref)
    assert not Sealed.objects.filter(case_id=refused.ref).exists()
    with pytest.raises(Destroyed):
        unseal(refused.ref, "identity")
    assert Entry.objects.filter(event=Event.KEY_DESTROYED, thread="key_" + refused.ref.removeprefix("er_")).count() == 1


def test_another_time_in_the_pack_is_kept_to(refused):
    RegimePack.objects.filter(pk=refused.pack_id).update(retention_months=6)
    with at(2026, 9, 30):
        assert destroy_expired_keys() == 1


def test_an_open_request_keeps_its_key_however_old_it_is(cases):
    request = cases.received(2)
    with at(2040, 1, 1):
        assert destroy_expired_keys() == 0
    assert has_key(request.ref)


def test_afterwards_a_receipt_answers_that_the_key_was_destroyed(ward, cases, officer):
    request = cases.scoped(3)
    assert remove_records(request=request, actor=officer)
    catch_up()
    assert receipt(request=ended(request))
    with at(2028, 4, 1):
        assert destroy_expired_keys() == 1
    with pytest.raises(Destroyed, match="key of case"):
        receipt(request=request)


def plan_with_secrets() -> Plan:
    plan = things.plan("stopped")
    seal(plan.ref, "alarm/ver_1", {"finding": "a broken scanner"})
    seal(plan.ref, "measurements/job_1", {"measurements": []})
    return plan


def test_what_an_ended_plan_sealed_goes_at_once_and_its_key_after_the_same_time():
    plan = plan_with_secrets()
    assert (destroy_expired_keys(), Sealed.objects.filter(case_id=plan.ref).count()) == (0, 2)
    with at(2026, 3, 31):
        move(plan, Plan.Status.DISCARDED, actor=SYSTEM, event=Event.PLAN_MOVED)
        assert destroy_expired_keys() == 0
    assert not Sealed.objects.filter(case_id=plan.ref).exists()
    assert has_key(plan.ref)
    with at(2028, 3, 31):
        assert destroy_expired_keys() == 1
    assert not has_key(plan.ref)


def a_first_release(folk) -> Release:
    """Outside a plan: its proposer and approvers are committed to under a key of its own."""
    install_packs()
    release = Release.objects.create(
        checkpoint=things.checkpoint(), policy=things.policy(), proposer=folk.operator, approval_digest=things.DIGEST
    )
    commit(release.ref, folk.operator.ref)
    return release


@pytest.mark.parametrize("end", ["superseded", "withdrawn"])
def test_the_key_of_a_release_outside_a_plan_goes_the_same_time_after_its_end(folk, end):
    release = a_first_release(folk)
    for status in ("approved", "published"):
        move(release, status, actor=SYSTEM, event=Event.RELEASE_MOVED)
    with at(2026, 3, 31):
        move(release, end, actor=SYSTEM, event=Event.RELEASE_MOVED)
    with at(2028, 3, 30):
        assert (destroy_expired_keys(), has_key(release.ref)) == (0, True)
    with at(2028, 3, 31):
        assert (destroy_expired_keys(), destroy_expired_keys()) == (1, 0)
    assert not has_key(release.ref)


def test_a_release_that_is_still_published_keeps_its_key(folk):
    release = a_first_release(folk)
    for status in ("approved", "published"):
        move(release, status, actor=SYSTEM, event=Event.RELEASE_MOVED)
    with at(2040, 1, 1):
        assert destroy_expired_keys() == 0
    assert has_key(release.ref)


def test_the_packs_of_the_file_and_the_rows_say_the_same_time():
    install_packs()
    for pack in json.loads(FILE.read_text())["packs"]:
        row = RegimePack.objects.get(law=pack["law"], version=pack["version"])
        assert row.retention_months == pack["retention_months"]
