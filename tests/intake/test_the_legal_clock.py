"""Due dates are calendar months in the law's own zone. Thirty days would fail this table."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from governance.errors import Conflict, Invalid
from governance.intake.clock import due_on, extended_due_on
from governance.intake.models import RegimePack
from governance.intake.packs import active_pack, install_packs

pytestmark = pytest.mark.django_db


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


TABLE = {
    "the last of January, common year": (noon(2026, 1, 31), date(2026, 2, 28)),
    "30 January, leap year": (noon(2028, 1, 30), date(2028, 2, 29)),
    "29 January, leap year": (noon(2028, 1, 29), date(2028, 2, 29)),
    "28 February stays 28": (noon(2026, 2, 28), date(2026, 3, 28)),
    "31 March": (noon(2026, 3, 31), date(2026, 4, 30)),
    "over the year's end": (noon(2026, 12, 31), date(2027, 1, 31)),
    "a month of 31 days": (noon(2026, 7, 15), date(2026, 8, 15)),
    "over the spring change of clocks": (noon(2026, 3, 10), date(2026, 4, 10)),
    "over the autumn change of clocks": (noon(2026, 10, 10), date(2026, 11, 10)),
    "23:30 UTC in winter is the next day in Berlin": (datetime(2026, 1, 30, 23, 30, tzinfo=UTC), date(2026, 2, 28)),
    "22:30 UTC in summer is the next day in Berlin": (datetime(2026, 6, 29, 22, 30, tzinfo=UTC), date(2026, 7, 30)),
    "21:30 UTC in summer is the same day in Berlin": (datetime(2026, 6, 29, 21, 30, tzinfo=UTC), date(2026, 7, 29)),
    "the hour that comes twice": (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 11, 25)),
    "another offset, the same moment": (
        datetime(2026, 2, 1, 5, 0, tzinfo=timezone(timedelta(hours=9))),
        date(2026, 2, 28),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_due_date_is_so_many_calendar_months_after_the_day_of_receipt(name):
    received_at, due = TABLE[name]
    assert due_on(received_at, active_pack("gdpr")) == due


def test_thirty_days_would_fail_the_table():
    wrong = [name for name, (at, due) in TABLE.items() if at.date() + timedelta(days=30) != due]
    assert len(wrong) > len(TABLE) / 2


def test_the_same_moment_has_another_date_in_another_laws_zone():
    just_before_london_midnight = datetime(2026, 1, 30, 23, 30, tzinfo=UTC)
    assert due_on(just_before_london_midnight, active_pack("uk_gdpr")) == date(2026, 2, 28)
    summer = datetime(2026, 5, 14, 22, 30, tzinfo=UTC)
    assert due_on(summer, active_pack("uk_gdpr")) == date(2026, 6, 14)
    assert due_on(summer, active_pack("gdpr")) == date(2026, 6, 15)


def test_an_extension_counts_from_receipt_and_not_from_the_first_due_date():
    assert extended_due_on(noon(2026, 1, 31), active_pack("gdpr")) == date(2026, 4, 30)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(Invalid) as caught:
        due_on(datetime(2026, 1, 31), active_pack("gdpr"))
    assert caught.value.code == "naive_time"


def test_installing_the_packs_again_changes_nothing():
    assert {(pack.law, pack.version) for pack in RegimePack.objects.all()} == {("gdpr", 1), ("uk_gdpr", 1)}
    assert install_packs() == []


def test_a_pack_is_never_edited_in_place(tmp_path):
    pack = {"law": "gdpr", "version": 1, "months": 2, "extension_months": 2, "zone": "Europe/Berlin", "source": "x"}
    file = tmp_path / "packs.json"
    file.write_text(json.dumps({"packs": [pack]}))
    with pytest.raises(Conflict) as caught:
        install_packs(path=file)
    assert caught.value.code == "pack_changed"
    assert active_pack("gdpr").months == 1


def test_a_new_version_is_used_for_new_requests(tmp_path):
    pack = {"law": "gdpr", "version": 2, "months": 2, "extension_months": 2, "zone": "Europe/Berlin", "source": "x"}
    file = tmp_path / "packs.json"
    file.write_text(json.dumps({"packs": [pack]}))
    (made,) = install_packs(path=file)
    assert active_pack("gdpr") == made


def test_an_unknown_law_is_refused_and_the_known_ones_are_named():
    with pytest.raises(Invalid, match="uk_gdpr") as caught:
        active_pack("hammurabi")
    assert caught.value.code == "unknown_law"
