"""Calling an alarm false does not save a model that is broken: below the policy's floor nothing is cleared."""

from typing import Any

import pytest

from governance.actors import person
from governance.audit.models import Entry, Sealed
from governance.errors import Conflict
from governance.jobs.models import Plan
from governance.verification import alarms
from governance.verification.models import Policy, Verdict
from tests.operation import things

pytestmark = pytest.mark.django_db
FLOOR = "sha256:" + "1" * 64
RULES = {"level": 0.05, "utility_floor": 0.7}
RIGHT, WRONG_ENOUGH = 90, 60  # of 114, at a floor of 0.7: well above it, and surely below it


def stopped_by_an_alarm(*, right: int) -> Plan:
    """A plan whose last verdict is an alarm, on a candidate that answers so many of 114 people rightly."""
    plan = things.plan("stopped")
    policy = Policy.make(name="with a floor", version=1, body={"verification": RULES}, digest=FLOOR)
    body = {"attempt": 1, "utility": {"successes": right, "trials": 114}}
    Verdict.make(
        plan=plan,
        checkpoint=plan.source,
        job=things.noop(),
        policy=policy,
        outcome=Verdict.Outcome.RESIDUAL,
        body=body,
        digest=things.DIGEST,
    )
    return plan


def written() -> tuple[int, int, int]:
    return Verdict.objects.count(), Sealed.objects.count(), Entry.objects.count()


def test_an_alarm_over_a_damaged_model_cannot_be_called_false(folk: Any) -> None:
    plan = stopped_by_an_alarm(right=WRONG_ENOUGH)
    before = written()
    with pytest.raises(Conflict, match="below the policy's utility floor") as refusal:
        alarms.clear(plan=plan, finding="It looked at another file.", actor=person(folk.officer, "privacy_officer"))
    assert refusal.value.code == "no_alarm"
    assert written() == before
    plan.refresh_from_db()
    assert plan.status == Plan.Status.STOPPED


@pytest.mark.parametrize(("right", "damaged"), [(WRONG_ENOUGH, True), (RIGHT, False)])
def test_a_model_counts_as_damaged_when_the_open_count_alone_puts_it_below_the_floor(right: int, damaged: bool) -> None:
    alarm = stopped_by_an_alarm(right=right).verdicts.get()
    assert alarms.is_damaged(alarm) is damaged


def test_the_floor_is_held_at_the_level_that_this_attempt_has_left() -> None:
    """A later attempt has a smaller share of the level, so a wider interval: what was damage may be doubt."""
    alarm = stopped_by_an_alarm(right=68).verdicts.get()
    assert alarms.is_damaged(alarm)
    alarm.body["attempt"] = 12
    assert not alarms.is_damaged(alarm)


def test_without_a_measured_utility_nothing_is_called_damaged() -> None:
    alarm = stopped_by_an_alarm(right=0).verdicts.get()
    del alarm.body["utility"]
    assert not alarms.is_damaged(alarm)
