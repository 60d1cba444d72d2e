"""Two deadlines that nobody may overlook: the policy's, for old weights to go, and the law's, for a request to end.

Each is said once in the trail of its case, and in every answer about it. Nothing is destroyed or decided here
(docs/decisions/0014).
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from evidence.canonical import parse_canonical
from governance.actors import TICK
from governance.audit.models import Entry, Event, StatusChange
from governance.audit.services import append
from governance.intake.clock import day_in_zone
from governance.intake.models import ErasureRequest
from governance.jobs.models import Disposition, Plan
from governance.lineage.models import Deployment
from governance.releases.destruction import serving_other

WARNING_DAYS = 7
WITH_SCOPE = (ErasureRequest.Status.SCOPED, ErasureRequest.Status.IN_PROGRESS)
PENDING = (Disposition.Status.OPEN, Disposition.Status.PLANNED)
PAST_THE_GATE = (Plan.Status.PUBLISHED, Plan.Status.DESTROYING, Plan.Status.CLOSED)


def watch_deadlines() -> int:
    """Write down what has come too late or is about to; how many entries were new."""
    plans = Plan.objects.filter(status=Plan.Status.PUBLISHED).select_related("policy", "candidate", "model")
    requests = ErasureRequest.objects.filter(status__in=WITH_SCOPE).select_related("pack")
    late = sum(say_overdue(plan) for plan in plans if is_overdue(plan))
    return late + sum(propose_the_top(request) for request in requests if is_endangered(request))


def is_overdue(plan: Plan) -> bool:
    """Published longer ago than the policy allows, and some deployment still reports other weights."""
    if plan.status != Plan.Status.PUBLISHED or not behind(plan).exists():
        return False
    since = published_at(plan)
    return since is not None and timezone.now() > since + timedelta(days=allowed_days(plan))


def allowed_days(plan: Plan) -> int:
    """The policy's own number; a policy without one allows no delay at all."""
    return int(plan.policy.body.get("destruction_deadline_days", 0))


def published_at(plan: Plan) -> datetime | None:
    moved = StatusChange.objects.filter(kind="Plan", ref=plan.ref, new=Plan.Status.PUBLISHED).order_by("-id").first()
    return moved.at if moved else None


def behind(plan: Plan) -> QuerySet[Deployment]:
    found = serving_other(plan, plan.candidate) if plan.candidate else Deployment.objects.none()
    return found.order_by("id")


def is_endangered(request: ErasureRequest) -> bool:
    """Due within a week by the law's own calendar, while one of its models is not past the gate."""
    if request.status not in WITH_SCOPE or days_left(request) > WARNING_DAYS:
        return False
    pending = request.dispositions.filter(status__in=PENDING)
    return pending.exclude(plan__status__in=PAST_THE_GATE).exists() or pending.filter(plan=None).exists()


def days_left(request: ErasureRequest) -> int:
    today: date = day_in_zone(timezone.now(), request.pack.zone)
    return (request.due_on - today).days


@transaction.atomic
def say_overdue(plan: Plan) -> int:
    Plan.objects.select_for_update().get(pk=plan.pk)
    refs = list(behind(plan).values_list("ref", flat=True))
    return once(Event.PLAN_MOVED, plan.ref, "overdue", {"overdue": "deployments", "deployments": refs})


@transaction.atomic
def propose_the_top(request: ErasureRequest) -> int:
    row = ErasureRequest.objects.select_for_update().get(pk=request.pk)
    if row.status not in WITH_SCOPE:
        return 0
    body = {"deadline": f"{WARNING_DAYS} days", "proposal": "retrain_or_withdraw"}
    return once(Event.REQUEST_MOVED, row.ref, "deadline", body)


def once(event: str, thread: str, key: str, body: dict[str, Any]) -> int:
    """Append unless the thread has such an entry; the caller holds the lock of the case's own row."""
    leaves = Entry.objects.filter(thread=thread, event=event).values_list("leaf", flat=True)
    if any(key in parse_canonical(bytes(leaf))["body"] for leaf in leaves):
        return 0
    append(event, thread=thread, actor=TICK, body=body)
    return 1
