"""When the key of a case dies: so many calendar months after its end, as its regime pack says.

Until then whoever ran the case can show whom it was about (a receipt); afterwards nobody can, and the log's commitments
say nothing to anyone. What was sealed about deleted rows is not kept that long: it goes when its plan has ended.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Max, OuterRef, QuerySet
from django.db.models.expressions import Exists
from django.utils import timezone

from governance.actors import TICK
from governance.audit.models import CaseKey, Sealed, StatusChange
from governance.audit.sealing import destroy_case_key
from governance.intake.clock import day_in_zone, months_after
from governance.intake.models import ErasureRequest, RegimePack
from governance.jobs.models import Plan
from governance.releases.models import Release

Status = ErasureRequest.Status
ENDED = (Status.FULFILLED, Status.REFUSED, Status.WITHDRAWN)
ENDED_RELEASES = (Release.Status.SUPERSEDED, Release.Status.WITHDRAWN)
ENDED_PLANS = (Plan.Status.CLOSED, Plan.Status.DISCARDED)
HAS_KEY = Exists(CaseKey.objects.filter(case_ref=OuterRef("ref"), destroyed_at=None))


def destroy_expired_keys() -> int:
    """Drop what ended plans had sealed, then destroy every key whose time has come; how many keys went."""
    Sealed.objects.filter(case_id__in=ended_plans().values("ref")).delete()
    return sum(destroy_key(ref) for ref in [*expired_requests(), *expired_plans(), *expired_releases()])


def ended_plans() -> QuerySet[Plan]:
    return Plan.objects.filter(status__in=ENDED_PLANS)


def expired_requests() -> Iterator[str]:
    rows = ErasureRequest.objects.filter(HAS_KEY, status__in=ENDED).exclude(closed_at=None).select_related("pack")
    for row in rows.order_by("id"):
        if row.closed_at and is_over(row.closed_at, months=row.pack.retention_months, zone=row.pack.zone):
            yield row.ref


def expired_plans() -> Iterator[str]:
    """A plan may carry requests of several laws: the longest of their times counts, or of all known where none is."""
    for plan in ended_plans().filter(HAS_KEY).order_by("id"):
        packs = RegimePack.objects.filter(erasurerequest__dispositions__plan=plan)
        months = longest(packs) or longest(RegimePack.objects.all())
        ended_at = plan.closed_at or last_change(plan, to=(Plan.Status.DISCARDED,))
        if months is not None and ended_at is not None and is_over(ended_at, months=months, zone="UTC"):
            yield plan.ref


def longest(packs: QuerySet[RegimePack]) -> int | None:
    found: int | None = packs.aggregate(most=Max("retention_months"))["most"]
    return found


def expired_releases() -> Iterator[str]:
    """A first release has a case of its own, under whose key its proposer and approvers stand in the log.

    No law's clock runs for it, so it is kept as long as the longest of them, from when it was superseded or withdrawn.
    """
    months = longest(RegimePack.objects.all())
    for release in Release.objects.filter(HAS_KEY, status__in=ENDED_RELEASES).order_by("id"):
        ended_at = last_change(release, to=ENDED_RELEASES)
        if months is not None and ended_at is not None and is_over(ended_at, months=months, zone="UTC"):
            yield release.ref


def last_change(row: Plan | Release, *, to: tuple[str, ...]) -> datetime | None:
    """When it last came to one of these states."""
    change = StatusChange.objects.filter(kind=type(row).__name__, ref=row.ref, new__in=to).order_by("-id").first()
    return change.at if change else None


def is_over(ended_at: datetime, *, months: int, zone: str) -> bool:
    return day_in_zone(timezone.now(), zone) >= months_after(day_in_zone(ended_at, zone), months)


@transaction.atomic
def destroy_key(case_ref: str) -> int:
    """Under the key's lock, so that two ticks write one entry."""
    held = CaseKey.objects.select_for_update().filter(case_ref=case_ref, destroyed_at=None).exists()
    if held:
        destroy_case_key(case_ref, actor=TICK)
    return int(held)
