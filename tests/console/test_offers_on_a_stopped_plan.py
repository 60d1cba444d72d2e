"""The page of a stopped plan offers what can be done, and nothing that would only be refused."""

from typing import Any

import pytest
from django.test import Client

from evidence.canonical import digest_json
from governance.jobs.models import Job, Plan
from governance.people.models import User
from governance.verification.models import Verdict
from tests.operation import things

pytestmark = pytest.mark.django_db
WORDS = {"Start over by retraining": "climb", "The alarm was false": "clear", "Discard the plan": "discard"}


def stopped(*, proposer: User, outcome: str = "", drawn: bool = True) -> Plan:
    plan = things.plan("stopped")
    Plan.objects.filter(pk=plan.pk).update(proposer=proposer)
    if drawn:
        Job.objects.filter(pk=things.noop(plan=plan).pk).update(purpose="unlearn", attempt=1, status="succeeded")
    if outcome:
        body: dict[str, Any] = {"reasons": []}
        facts = {"outcome": outcome, "body": body, "digest": digest_json(body)}
        Verdict.make(plan=plan, checkpoint=plan.source, job=things.noop(), policy=plan.policy, **facts)
    return plan


def offered(plan: Plan, user: User) -> set[str]:
    browser = Client()
    browser.force_login(user)
    page = browser.get(f"/console/plans/{plan.ref}/")
    assert page.status_code == 200
    return {name for words, name in WORDS.items() if f'-button">{words}' in page.content.decode()}


def test_an_alarm_is_for_somebody_else_than_who_confirmed_the_plan(folk: Any) -> None:
    plan = stopped(proposer=folk.officer, outcome="failed_residual")
    assert offered(plan, folk.officer) == {"climb"}
    assert offered(plan, folk.both) == {"climb", "clear"}


@pytest.mark.parametrize("outcome", ["failed_over_forgotten", "inconclusive", ""])
def test_where_no_alarm_was_raised_none_can_be_called_false(folk: Any, outcome: str) -> None:
    assert offered(stopped(proposer=folk.officer, outcome=outcome), folk.both) == {"climb"}


def test_a_plan_of_which_nothing_was_drawn_may_be_discarded(folk: Any) -> None:
    assert offered(stopped(proposer=folk.officer, drawn=False), folk.officer) == {"climb", "discard"}
