"""`manage.py doctor` on open alarms of sentinels: on whom they wait, what may be run, and which page shows it."""

import io
from typing import Any

import pytest
from django.core.management import call_command

from governance.lineage.models import Dataset
from governance.releases.models import Release
from governance.verification.models import SentinelRetest, SentinelSet
from tests.operation import things

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_else_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.management.commands.doctor.all_checks", list)


def doctor() -> tuple[int, str]:
    said = io.StringIO()
    try:
        call_command("doctor", stdout=said)
    except SystemExit as end:
        return int(str(end.code)), said.getvalue()
    return 0, said.getvalue()


def asked(folk: Any, outcome: str, *, status: str = "published") -> tuple[SentinelSet, Release]:
    release = things.release(things.plan("gate"), folk.officer)
    Release.objects.filter(pk=release.pk).update(status=status)
    dataset = Dataset.objects.create(name="patients", feature_width=2)
    planted = SentinelSet.objects.create(
        dataset=dataset, kind="random", count=8, body={}, digest=things.DIGEST, planter=folk.auditor
    )
    SentinelRetest.objects.create(sentinels=planted, checkpoint=release.checkpoint, outcome=outcome, body={})
    return planted, release


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("residual", "the erased ones are still recognised"), ("resurrected", "erased ones have come back")],
)
def test_an_alarm_is_named_with_whom_it_waits_on_the_way_out_and_its_page(folk: Any, outcome: str, words: str) -> None:
    planted, release = asked(folk, outcome)
    code, said = doctor()
    assert code == 1
    assert f"{planted.ref}\n    waits on an approver: alarm, {words}: release {release.ref}" in said
    assert "It is out." in said
    assert f"run: POST /api/v1/releases/{release.ref}/withdraw" in said
    assert f"see: /console/releases/{release.ref}/" in said


def test_an_alarm_before_the_publication_says_that_nothing_is_out_yet(folk: Any) -> None:
    asked(folk, "resurrected", status="approved")
    assert "It is about to go out." in doctor()[1]


@pytest.mark.parametrize(("outcome", "status"), [("clean", "published"), ("residual", "withdrawn")])
def test_without_an_alarm_or_once_the_release_is_withdrawn_there_is_none(folk: Any, outcome: str, status: str) -> None:
    planted, _ = asked(folk, outcome, status=status)
    code, said = doctor()
    assert (code, planted.ref in said) == (0, False)


def test_whoever_reads_it_learns_of_no_sentinel_and_of_no_person(folk: Any) -> None:
    asked(folk, "residual")
    said = doctor()[1]
    assert not [name for name in vars(folk)["passwords"] if name in said]
