"""What is stuck: it cannot go on by itself, and waiting for it will not help. Pure reading.

Work that waits for a person in the ordinary way (an identity to prove, a plan to confirm, a release to approve) is
not stuck; it is listed apart. Times are judged by our own clock, generously.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from governance.audit.models import StatusChange
from governance.console.addresses import page_of
from governance.console.waiting import WORKER_COMMAND, Waiting, blocker, eligible_approvers
from governance.console.withdrawn import of_retracted, of_withdrawn
from governance.intake.models import ErasureRequest
from governance.jobs.models import Disposition, Job, Plan
from governance.lineage.models import Base, TrainedModel
from governance.operation.wording import words_for
from governance.releases.deadlines import is_overdue
from governance.releases.models import Release
from governance.releases.retraction import left_standing
from governance.releases.withdrawal import still_serving
from governance.verification.selectors import alarms_standing, never_asked

# A house whose tick and worker run moves on within seconds; after this nobody is at work.
LATE = timedelta(seconds=60)
DUE_SOON = timedelta(days=7)
OPEN_REQUESTS = ("received", "identified", "scoped", "in_progress")
OVER_PLANS = ("closed", "discarded")
MACHINE = "Obelus"
OFFICER = "a privacy officer"
Row = ErasureRequest | Plan | Job | Release


@dataclass(frozen=True)
class Finding:
    """One thing that does not go on: what, on whom it waits, why, the command to run, and a page that shows it."""

    ref: str
    waiting: Waiting
    command: str
    page: str = ""


def findings() -> list[Finding]:
    """Everything that is stuck: jobs first, because they hold up the rest."""
    jobs = [job for job in open_jobs() if is_stuck_job(job)]
    releases = [release for release in Release.objects.order_by("id") if is_stuck_release(release)]
    plans = [plan for plan in open_plans() if is_stuck_plan(plan, jobs, releases)]
    requests = [request for request in open_requests() if is_stuck_request(request, plans)]
    rows: list[Row] = [*jobs, *releases, *plans, *requests]
    return [*(finding(row) for row in rows), *given_up(), *on_retracted_bases(), *alarms(), *untested()]


def finding(row: Row) -> Finding:
    waiting = words_for(row)
    return Finding(row.ref, waiting, command_for(row, waiting))


def given_up() -> Iterator[Finding]:
    """Withdrawn models that are still there, whether or not a request is open: who serves them, and how it ends."""
    for model in TrainedModel.objects.filter(withdrawn_at__lt=timezone.now() - LATE).order_by("id"):
        waiting, serving = of_withdrawn(model), still_serving(model).first()
        if waiting is not None and waiting.on == MACHINE:
            yield Finding(model.ref, waiting, waiting.command or "")
        elif waiting is not None and serving is not None:
            yield Finding(model.ref, waiting, f"manage.py stop_serving {serving.ref} --as OPERATOR")
        elif waiting is not None and not waiting.is_over and waiting.on == OFFICER:
            yield Finding(model.ref, waiting, waiting.command or "")


def on_retracted_bases() -> Iterator[Finding]:
    """Models that nobody can be erased from as far as their base goes: people must withdraw them."""
    for base in Base.objects.filter(status=Base.Status.RETRACTED).order_by("id"):
        for model in left_standing(base):
            if (waiting := of_retracted(model)) is not None:
                yield Finding(model.ref, waiting, waiting.command or "")


def alarms() -> Iterator[Finding]:
    """What knows sentinels that were erased and is out, or about to go out: people must look, and may withdraw it."""
    for alarm in alarms_standing():
        release = alarm.checkpoint.release
        said = alarm.get_outcome_display().lower()
        out = "It is out" if release.status == Release.Status.PUBLISHED else "It is about to go out"
        why = f"alarm, {said}: release {release.ref} of the model {alarm.checkpoint.model.name}. {out}."
        command = f"POST /api/v1/releases/{release.ref}/withdraw, unless you find another cause"
        yield Finding(alarm.sentinels.ref, Waiting("an approver", why), command, page_of(release))


def untested() -> Iterator[Finding]:
    """Sentinels about which a candidate without a proof could not be asked: whoever approves it must know."""
    for plan, retest in never_asked():
        words = (retest.body or {}).get("words", "")
        why = (
            f"the candidate of {plan.ref} could not be asked about its planted people. {words} Its gate does not wait."
        )
        yield Finding(retest.sentinels.ref, Waiting("an approver", why), "", page_of(plan))


def waiting_for_people() -> Iterator[tuple[ErasureRequest, Waiting]]:
    """The open requests that are not stuck, with the words for it."""
    stuck = {found.ref for found in findings()}
    for request in open_requests():
        if request.ref not in stuck:
            yield request, words_for(request)


def open_jobs() -> QuerySet[Job]:
    ended = (Job.Status.SUCCEEDED, Job.Status.CANCELLED, Job.Status.REFUSED)
    return Job.objects.exclude(status__in=ended).exclude(plan__status__in=OVER_PLANS).order_by("id")


def open_plans() -> QuerySet[Plan]:
    return Plan.objects.exclude(status__in=OVER_PLANS).order_by("id")


def open_requests() -> QuerySet[ErasureRequest]:
    return ErasureRequest.objects.filter(status__in=OPEN_REQUESTS).order_by("due_on", "id")


def is_stuck_job(job: Job) -> bool:
    now = timezone.now()
    if job.status == Job.Status.RUNNING:
        return bool(job.lease_until and job.lease_until < now - LATE)
    if job.status == Job.Status.QUEUED:
        # A long queue is no fault while somebody works it off.
        return since(job) > LATE and not Job.objects.filter(status=Job.Status.RUNNING, lease_until__gt=now).exists()
    return job.status == Job.Status.DEAD


def is_stuck_release(release: Release) -> bool:
    if release.status == Release.Status.APPROVED:
        return since(release) > LATE
    if release.status != Release.Status.PROPOSED:
        return False
    out = [release.proposer, *(approval.user for approval in release.approvals.all())]
    return not eligible_approvers(out)


def is_stuck_plan(plan: Plan, jobs: list[Job], releases: list[Release]) -> bool:
    held_up = plan.pk in {job.plan_id for job in jobs} | {release.plan_id for release in releases}
    failed = plan.destruction.filter(done_at=None).exclude(error="").exists()
    late = blocker(plan).on == MACHINE and since(plan) > LATE
    return plan.status == Plan.Status.STOPPED or held_up or failed or late or is_overdue(plan)


def is_stuck_request(request: ErasureRequest, plans: list[Plan]) -> bool:
    """Its plan is stuck, the house forgot to close it, or the law's date is near: then every wait is one too many."""
    if request.due_on <= timezone.now().date() + DUE_SOON:
        return True
    pending = request.dispositions.filter(status__in=(Disposition.Status.OPEN, Disposition.Status.PLANNED))
    if pending.filter(plan__in=[plan.pk for plan in plans]).exists():
        return True
    return blocker(request).on == MACHINE and since(request) > LATE


def since(row: Row) -> timedelta:
    """How long ago its status changed last."""
    change = StatusChange.objects.filter(ref=row.ref).order_by("-id").first()
    began = row.received_at if isinstance(row, ErasureRequest) else row.created_at
    return timezone.now() - (change.at if change else began)


def command_for(row: Row, waiting: Waiting) -> str:
    if isinstance(row, Job) and row.status == Job.Status.DEAD:
        return f"manage.py retry_job {row.ref} --as OPERATOR"
    if isinstance(row, Release) and row.status == Release.Status.APPROVED:
        return WORKER_COMMAND
    return waiting.command or ""
