"""The evidence bundle of a real erasure, as an auditor verifies it."""

from pathlib import Path

import pytest
from django.db import transaction

from evidence.canonical import digest, parse_canonical
from evidence.container import unpack
from governance.actors import person
from governance.audit.models import Entry
from governance.errors import Conflict
from governance.jobs.models import Plan
from governance.reports import services
from governance.reports.bundle import bundle, bundle_with_weights, erasure_members
from governance.reports.models import Document
from tests.reports.case import Closed, verify


def test_a_real_bundle_verifies_offline(house: Closed, trust_file: Path, tmp_path: Path) -> None:
    code, words = verify(bundle(plan=house.plan), tmp_path, trust=trust_file)
    assert code == 0, words
    assert "verified: arithmetic verified; execution attested" in words
    assert "held: certificate recomputed" in words


def test_a_bundle_with_its_weights_verifies_too(house: Closed, trust_file: Path, tmp_path: Path) -> None:
    data = bundle_with_weights(plan=house.plan)
    assert any(path.startswith("release/weights/") for path in unpack(data))
    code, words = verify(data, tmp_path, trust=trust_file)
    assert code == 0, words


def test_without_trusted_keys_a_bundle_is_unanchored(house: Closed, tmp_path: Path) -> None:
    code, words = verify(bundle(plan=house.plan), tmp_path, trust=None)
    assert code == 10
    assert "unanchored" in words


def test_a_bundle_made_later_verifies_although_the_log_has_grown(
    house: Closed, trust_file: Path, tmp_path: Path
) -> None:
    before = bundle(plan=house.plan)
    services.bundle(plan=house.plan, actor=person(house.clinic.folk.auditor, "auditor"))
    after = bundle(plan=house.plan)
    assert before != after
    assert verify(after, tmp_path, trust=trust_file)[0] == 0


def test_a_bundle_outlives_the_weights_it_is_about(house: Closed, trust_file: Path, tmp_path: Path) -> None:
    """The next erasure destroys this release; what was proved of it must stay provable."""
    from governance.objects.models import StoredObject

    held = house.plan.release.checkpoint.object_digest
    StoredObject.objects.filter(digest=held).update(status=StoredObject.Status.DESTROYED)
    code, words = verify(bundle(plan=house.plan), tmp_path, trust=trust_file)
    assert code == 0, words


def test_the_bundle_waits_until_the_plan_is_closed(house: Closed) -> None:
    Plan.objects.filter(pk=house.plan.pk).update(status=Plan.Status.DESTROYING)
    with pytest.raises(Conflict, match="when the plan is closed"):
        bundle(plan=Plan.objects.get(pk=house.plan.pk))


def test_no_member_names_a_person_or_shows_a_sealed_measurement(house: Closed) -> None:
    members = erasure_members(house.plan)
    assert not [path for path, data in members.items() if b"@example.org" in data]
    for path, data in members.items():
        if path.startswith("measurements/"):
            assert {line["tier"] for line in parse_canonical(data)["measurements"]} == {"open"}


def test_the_ledger_is_the_one_of_the_certificate_and_not_the_published_one(house: Closed) -> None:
    events = parse_canonical(erasure_members(house.plan)["ledger.json"])["events"]
    assert [event["event"] for event in events] == ["trained", "released", "deleted", "draw_discarded", "steps"]
    later = [event["event"] for event in house.plan.release.checkpoint.ledger["events"]]
    assert later == [*(event["event"] for event in events), "released"]


def test_the_list_of_what_was_destroyed_is_in_the_bundle(house: Closed, trust_file: Path, tmp_path: Path) -> None:
    items = parse_canonical(erasure_members(house.plan)["destruction.json"])
    rows = house.plan.destruction.order_by("position")
    assert items == [{"kind": row.kind, "target": row.target} for row in rows]
    assert "held: destruction list" in verify(bundle(plan=house.plan), tmp_path, trust=trust_file)[1]


def test_whoever_takes_a_bundle_is_written_down(house: Closed) -> None:
    data = services.bundle(plan=house.plan, actor=person(house.clinic.folk.auditor, "auditor"))
    row = Document.objects.latest("id")
    assert (row.kind, row.thread, row.digest) == ("bundle", house.plan.ref, digest(data))
    leaf = parse_canonical(bytes(Entry.objects.get(thread=row.ref).leaf))
    assert (leaf["event"], leaf["actor_role"]) == ("report:read", "auditor")
    assert leaf["body"] == {"kind": "bundle", "about": house.plan.ref, "document": row.digest}


def test_a_refused_bundle_leaves_no_trace_of_having_been_handed_out(house: Closed) -> None:
    Plan.objects.filter(pk=house.plan.pk).update(status=Plan.Status.DESTROYING)
    count = Document.objects.count()
    with pytest.raises(Conflict), transaction.atomic():
        services.bundle(plan=Plan.objects.get(pk=house.plan.pk), actor=person(house.clinic.folk.auditor, "auditor"))
    assert Document.objects.count() == count
