"""The desk: what waits for me, by my roles; what falls due; and the state of the log."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from governance.audit.models import Entry, TreeHead
from governance.console import due
from governance.console.access import may, may_read, user_of
from governance.console.pages.beginning import beginning
from governance.console.shell import show
from governance.console.wording import ago, name_of
from governance.intake.models import ErasureRequest
from governance.jobs.models import Disposition, Job, Plan
from governance.people.models import Role, User
from governance.releases.models import Release
from governance.verification.selectors import alarms_standing

HORIZON_DAYS = 31


@dataclass(frozen=True)
class Pile:
    """Things that wait for this person, and where they lie."""

    count: int
    words: str
    href: str
    tone: str = "wait"


@dataclass(frozen=True)
class Day:
    on: date
    count: int
    tone: str
    height: float
    label: str


def page(request: HttpRequest) -> TemplateResponse:
    user = user_of(request)
    open_requests = ErasureRequest.objects.exclude(status__in=due.ENDED)
    head = TreeHead.objects.order_by("-size").first()
    return show(
        request,
        "desk.html",
        title="Desk",
        name=name_of(user),
        roles=", ".join(Role(role).label for role in user.roles if role in Role.values),
        alarms=alarms_standing(),
        beginning=beginning(user),
        piles=[pile for pile in piles_of(user) if pile.count],
        days=calendar(),
        overdue=ErasureRequest.objects.filter(due.overdue()).count(),
        soon=ErasureRequest.objects.filter(due.soon()).count(),
        open_count=open_requests.count(),
        head=head,
        head_age=ago(head.at) if head else "",
        unnumbered=Entry.objects.filter(numbered=None).count(),
        requests_open=may_read(user, "requests"),
        reads_only=set(user.roles) <= {Role.AUDITOR.value},
    )


def piles_of(user: User) -> list[Pile]:
    """Everything this person could do next, the most urgent first."""
    piles: list[Pile] = []
    if may(user, "retry_job"):
        piles.append(
            pile(Job.objects.filter(status=Job.Status.DEAD), "dead letter", "dead letters", "jobs_job", "dead", "late")
        )
    if may(user, "confirm_plan"):
        stopped = Plan.objects.filter(status=Plan.Status.STOPPED)
        proposed = Plan.objects.filter(status=Plan.Status.PROPOSED)
        piles += [
            pile(
                stopped,
                "stopped plan to restart or discard",
                "stopped plans to restart or discard",
                "jobs_plan",
                "stopped",
                "late",
            ),
            pile(proposed, "plan to confirm", "plans to confirm", "jobs_plan", "proposed"),
            unplanned(),
        ]
    if may(user, "approve_release"):
        piles.append(
            pile(approvable(user), "release to approve", "releases to approve", "releases_release", "proposed")
        )
    if may(user, "prove_identity"):
        requests = ErasureRequest.objects
        piles += [
            pile(
                requests.filter(status="received"),
                "request to identify",
                "requests to identify",
                "intake_erasurerequest",
                "received",
            ),
            pile(
                requests.filter(status="identified"),
                "request to scope",
                "requests to scope",
                "intake_erasurerequest",
                "identified",
            ),
        ]
    return piles


def pile(rows: QuerySet[Any], one: str, many: str, place: str, status: str, tone: str = "wait") -> Pile:
    count = rows.count()
    href = f"{reverse(f'console:{place}_changelist')}?status__exact={status}"
    return Pile(count, one if count == 1 else many, href, tone)


def unplanned() -> Pile:
    rows = Disposition.objects.filter(status=Disposition.Status.OPEN, plan=None).values("checkpoint__model").distinct()
    count = rows.count()
    words = "model with erasures to plan" if count == 1 else "models with erasures to plan"
    return Pile(count, words, reverse("console:lineage_trainedmodel_changelist"))


def approvable(user: User) -> QuerySet[Release]:
    """Releases this very person may approve: not theirs, not approved by them already."""
    rows = Release.objects.filter(status=Release.Status.PROPOSED).exclude(proposer=user)
    return rows.exclude(approvals__user=user)


def calendar() -> list[Day]:
    """Open requests by due date for the coming month; a first bar gathers what is overdue."""
    start = timezone.now().date()
    rows = ErasureRequest.objects.exclude(status__in=due.ENDED).values_list("due_on", flat=True)
    counts: dict[date, int] = {}
    for day in rows:
        place = max(day, start - timedelta(days=1))
        counts[place] = counts.get(place, 0) + 1
    highest = max(counts.values(), default=1)
    span = [start + timedelta(days=offset) for offset in range(-1, HORIZON_DAYS)]
    return [bar(day, counts.get(day, 0), highest, start) for day in span]


def bar(day: date, count: int, highest: int, start: date) -> Day:
    left = (day - start).days
    tone = "late" if left < 0 else "soon" if left <= due.SOON_DAYS else "calm"
    label = "overdue" if left < 0 else f"{day:%-d %b}"
    return Day(day, count, tone, 100 * count / highest, label)
