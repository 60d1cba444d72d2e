"""What a page says when a date has come or a plan has stopped: a day a person can read, and only ways that are open."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from evidence.canonical import digest_json
from governance.console.waiting import blocker
from governance.jobs.models import Disposition, Job
from governance.verification.models import Verdict
from tests.operation import things
from tests.operation.test_deadlines import OLD, days_later, place, published_plan

pytestmark = pytest.mark.django_db


def due_in(days: int) -> Any:
    request = things.request(status="scoped", due_on=timezone.now().date() + timedelta(days=days))
    Disposition.objects.create(request=request, checkpoint=things.checkpoint(), status="open")
    return request


@pytest.mark.parametrize(
    ("days", "words"),
    [(-3, "OVERDUE since {}: "), (0, "DUE {}, today: "), (1, "DUE {}, tomorrow: "), (5, "DUE {}, in 5 days: ")],
)
def test_the_legal_date_is_said_as_people_write_it(days: int, words: str) -> None:
    request = due_in(days)
    day = f"{request.due_on.day} {request.due_on:%B %Y}"
    assert blocker(request).why.startswith(words.format(day))


def test_a_call_of_the_api_is_not_shown_as_something_for_a_shell(folk: Any) -> None:
    request = due_in(2)
    browser = Client()
    browser.force_login(folk.officer)
    page = browser.get(f"/console/requests/{request.ref}/").content.decode()
    assert "Over HTTP: <code>POST /api/v1/models/" in page
    assert "In a shell: <code>POST" not in page


def test_old_weights_that_are_overdue_come_with_a_command_that_exists(folk: Any) -> None:
    plan = published_plan()
    late = place(plan, OLD)
    with days_later(8):
        found = blocker(plan)
    assert (found.command, found.over_http) == (f"manage.py stop_serving {late.ref} --as OPERATOR", False)


def test_a_plan_that_was_never_drawn_may_be_discarded() -> None:
    assert blocker(things.plan("stopped")).why.endswith("Retrain from the start, or discard it.")


def test_a_plan_that_was_drawn_is_not_told_to_be_discarded() -> None:
    plan = things.plan("stopped")
    Job.objects.filter(pk=things.noop(plan=plan).pk).update(purpose=Job.Purpose.UNLEARN, attempt=1, status="dead")
    assert blocker(plan).why.endswith("Send its job round again, retrain from the start, or withdraw the model.")


def test_an_alarm_names_the_person_who_may_look_into_it() -> None:
    plan = things.plan("stopped")
    body = {"reasons": ["They came back."]}
    Verdict.make(
        plan=plan,
        checkpoint=plan.source,
        job=things.noop(),
        policy=plan.policy,
        outcome=Verdict.Outcome.RESIDUAL,
        body=body,
        digest=digest_json(body),
    )
    assert "Somebody who did not confirm it may find that the alarm was false" in blocker(plan).why
