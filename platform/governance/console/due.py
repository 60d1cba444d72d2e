"""Legal due dates in words. A deadline is a date in the regime's zone, not an instant."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from governance.intake.models import ErasureRequest, RegimePack

SOON_DAYS = 7
Status = ErasureRequest.Status
ENDED = (Status.FULFILLED, Status.REFUSED, Status.WITHDRAWN)


@dataclass(frozen=True)
class Due:
    """`tone` is late, soon, calm or done; `words` says the same without any colour."""

    on: date
    days_left: int
    tone: str
    words: str


def today(zone: str) -> date:
    return datetime.now(ZoneInfo(zone)).date()


def due_of(request: ErasureRequest) -> Due:
    if request.status in ENDED:
        return ended(request)
    left = (request.due_on - today(request.pack.zone)).days
    if left < 0:
        return Due(request.due_on, left, "late", f"overdue by {days(-left)}")
    tone = "soon" if left <= SOON_DAYS else "calm"
    return Due(request.due_on, left, tone, "due today" if left == 0 else f"{days(left)} left")


def ended(request: ErasureRequest) -> Due:
    closed = request.closed_at.astimezone(ZoneInfo(request.pack.zone)).date() if request.closed_at else request.due_on
    early = (request.due_on - closed).days
    words = "ended on its due date" if early == 0 else f"ended {days(early)} early" if early > 0 else ""
    tone = "done" if request.status == Status.FULFILLED else "ended"
    return Due(request.due_on, early, tone, words or f"ended {days(-early)} late")


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def due_within(*, first_day: int | None, last_day: int | None) -> Q:
    """Requests whose due date lies between today+first_day and today+last_day, each in its own zone."""
    found = Q(pk__in=[])
    for zone in RegimePack.objects.values_list("zone", flat=True).distinct():
        here = Q(pack__zone=zone)
        if first_day is not None:
            here &= Q(due_on__gte=today(zone) + timedelta(days=first_day))
        if last_day is not None:
            here &= Q(due_on__lte=today(zone) + timedelta(days=last_day))
        found |= here
    return found


def overdue() -> Q:
    return due_within(first_day=None, last_day=-1) & ~Q(status__in=ENDED)


def soon() -> Q:
    return due_within(first_day=0, last_day=SOON_DAYS) & ~Q(status__in=ENDED)


def later() -> Q:
    return due_within(first_day=SOON_DAYS + 1, last_day=None) & ~Q(status__in=ENDED)
