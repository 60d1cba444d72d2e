"""Old weights that should be gone, and requests whose legal date comes first: said once in the trail, and loudly."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from evidence.canonical import parse_canonical
from governance.actors import SYSTEM
from governance.audit.models import Entry, Event
from governance.console.waiting import blocker
from governance.jobs.models import Disposition, Plan
from governance.lineage.models import Checkpoint, Deployment, TrainingRun
from governance.operation import stuck
from governance.releases.deadlines import watch_deadlines
from governance.transitions import move
from governance.verification.models import Policy
from tests.operation import things

pytestmark = pytest.mark.django_db
OLD, NEW = things.DIGEST, "sha256:" + "1" * 64


@contextmanager
def days_later(days: float) -> Iterator[None]:
    moment = timezone.now() + timedelta(days=days)
    with patch("django.utils.timezone.now", lambda: moment):
        yield


def published_plan(*, days: int = 7) -> Plan:
    plan = things.plan("gate")
    policy = Policy.make(name="fast", version=1, body={"destruction_deadline_days": days}, digest=NEW)
    run = TrainingRun.objects.create(model=plan.model)
    candidate = Checkpoint.objects.create(model=plan.model, run=run, object_digest=NEW)
    move(plan, Plan.Status.PUBLISHED, actor=SYSTEM, event=Event.PLAN_MOVED, policy=policy, candidate=candidate)
    return plan


def place(plan: Plan, serving: str, name: str = "ward 3") -> Deployment:
    return Deployment.objects.create(model=plan.model, name=name, serving=serving)


def said(thread: str, key: str) -> list[dict]:
    bodies = [
        parse_canonical(bytes(leaf))["body"]
        for leaf in Entry.objects.filter(thread=thread).values_list("leaf", flat=True)
    ]
    return [body for body in bodies if key in body]


def test_a_deployment_that_lags_past_the_policys_deadline_is_said_once_and_nothing_is_destroyed():
    plan = published_plan()
    behind = place(plan, OLD)
    place(plan, NEW, "ward 4")
    assert watch_deadlines() == 0
    with days_later(7.5):
        assert (watch_deadlines(), watch_deadlines()) == (1, 0)
        assert said(plan.ref, "overdue") == [{"overdue": "deployments", "deployments": [behind.ref]}]
        assert plan.ref in [found.ref for found in stuck.findings()]
        assert blocker(plan).why.startswith("OVERDUE: the policy allows 7 days")
    plan.refresh_from_db()
    assert plan.status == Plan.Status.PUBLISHED
    assert plan.source.status != Checkpoint.Status.DESTROYED


def test_before_its_deadline_a_plan_only_waits():
    plan = published_plan()
    place(plan, OLD)
    with days_later(6.5):
        assert watch_deadlines() == 0
        assert "OVERDUE" not in blocker(plan).why
        assert stuck.findings() == []


def test_a_deployment_that_serves_nothing_is_neither_late_nor_waited_for():
    plan = published_plan()
    place(plan, "")
    with days_later(30):
        assert watch_deadlines() == 0
        assert blocker(plan).on == "Obelus"


def pending_request(plan: Plan | None, *, due_in: int):
    request = things.request(status="in_progress", due_on=timezone.now().date() + timedelta(days=due_in))
    source = plan.source if plan else things.checkpoint()
    status = "planned" if plan else "open"
    Disposition.objects.create(request=request, checkpoint=source, plan=plan, status=status)
    return request


@pytest.mark.parametrize("status", [None, "unlearning", "stopped", "gate"])
def test_a_week_before_its_date_a_request_is_told_to_retrain_or_withdraw_once(status):
    plan = things.plan(status) if status else None
    request = pending_request(plan, due_in=6)
    assert (watch_deadlines(), watch_deadlines()) == (1, 0)
    assert said(request.ref, "deadline") == [{"deadline": "7 days", "proposal": "retrain_or_withdraw"}]
    [found] = [found for found in stuck.findings() if found.ref == request.ref]
    assert "retraining" in found.waiting.why
    assert found.command


def test_a_stopped_plan_near_the_date_names_the_way_up():
    plan = things.plan("stopped")
    request = pending_request(plan, due_in=6)
    [found] = [found for found in stuck.findings() if found.ref == request.ref]
    assert found.command == f"POST /api/v1/plans/{plan.ref}/climb, or POST /api/v1/models/{plan.model.ref}/withdraw"


def test_a_request_with_time_left_or_past_the_gate_is_left_alone():
    pending_request(None, due_in=20)
    published = published_plan()
    Plan.objects.filter(pk=published.pk).update(status=Plan.Status.DESTROYING)
    pending_request(published, due_in=2)
    assert watch_deadlines() == 0
