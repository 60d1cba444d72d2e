"""Why a thing waits and on whom: pure reading, used by the console's pages and by `manage.py doctor`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils import timezone

from governance.audit.models import StatusChange
from governance.console.awaited import NOBODY, TICK_COMMAND, WORKER_COMMAND, Waiting
from governance.console.overdue import late_deployments, nearly_due
from governance.console.withdrawn import of_given_up, of_retracted, of_unplanned
from governance.console.wording import ago, duration, listed, name_of, short
from governance.errors import GateShut
from governance.intake.models import ErasureRequest
from governance.jobs.models import Disposition, Job, Plan
from governance.jobs.plans import is_drawn
from governance.jobs.running import next_step
from governance.lineage.models import Deployment
from governance.people.models import Role, User
from governance.releases.gate import is_approximate, require_open, verdict_reasons
from governance.releases.models import Release
from governance.releases.sharing import STILL_NEEDED
from governance.verification.models import Verdict

__all__ = ["APPROVALS", "NOBODY", "TICK_COMMAND", "WORKER_COMMAND", "Waiting", "blocker", "eligible_approvers"]
APPROVALS = 2
OPEN = (Disposition.Status.OPEN, Disposition.Status.PLANNED)


def blocker(row: ErasureRequest | Plan | Job | Release) -> Waiting:
    """What holds up a request, a plan, a job or a release."""
    readers: dict[type, Callable[[Any], Waiting]] = {
        ErasureRequest: of_request,
        Plan: of_plan,
        Job: of_job,
        Release: of_release,
    }
    return readers[type(row)](row)


def of_request(request: ErasureRequest) -> Waiting:
    status = ErasureRequest.Status
    if request.status == status.RECEIVED:
        return Waiting("a privacy officer", "The person's identity is not proved yet.")
    if request.status == status.IDENTIFIED:
        return Waiting("a privacy officer", "Identity is proved; what the request covers is not confirmed yet.")
    if request.status in (status.SCOPED, status.IN_PROGRESS):
        return of_open_request(request)
    return Waiting(NOBODY, f"{request.get_status_display()}: nothing more is awaited.")


def of_open_request(request: ErasureRequest) -> Waiting:
    pending = request.dispositions.filter(status__in=OPEN).select_related("plan", "checkpoint__model").order_by("id")
    first = pending.first()
    if not request.dispositions.exists():
        why = "No model learned from this person; what is left is to remove their records."
        return Waiting("a privacy officer", why)
    if first is None:
        given_up = of_given_up(request)
        return given_up or Waiting("Obelus", "All it touched has ended; it is closed at the next round.", TICK_COMMAND)
    model = first.checkpoint.model
    if first.plan is None:
        return nearly_due(request, of_unplanned(model))
    found = of_plan(first.plan)
    return nearly_due(request, Waiting(found.on, f"Model {model.name}: {found.why}", found.command))


def of_plan(plan: Plan) -> Waiting:
    status = Plan.Status
    if plan.status == status.PROPOSED:
        return Waiting("a privacy officer", "The plan is proposed; a person must confirm it, and becomes its proposer.")
    if plan.status in (status.UNLEARNING, status.VERIFYING):
        return of_plan_jobs(plan)
    if plan.status == status.GATE:
        release = Release.objects.filter(plan=plan).first()
        return of_release(release) if release else Waiting("an operator", "The release is not proposed yet.")
    if plan.status == status.PUBLISHED:
        return of_deployments(plan)
    if plan.status == status.DESTROYING:
        return of_destruction(plan)
    if plan.status == status.STOPPED:
        return of_stopped(plan)
    return Waiting(NOBODY, f"{plan.get_status_display()}: nothing more is awaited.")


def of_plan_jobs(plan: Plan) -> Waiting:
    job = plan.jobs.exclude(status__in=(Job.Status.SUCCEEDED, Job.Status.CANCELLED)).order_by("id").first()
    if job is None:
        return Waiting("Obelus", "All its jobs have ended; the next step begins at the next round.", TICK_COMMAND)
    return of_job(job)


def of_deployments(plan: Plan) -> Waiting:
    wanted = plan.candidate.object_digest if plan.candidate else ""
    # One that reports nothing serves nothing, and is not waited for.
    others = Deployment.objects.filter(model=plan.model).exclude(serving=wanted).exclude(serving="")
    behind = list(others.order_by("name"))
    if not behind:
        return Waiting("Obelus", "Every deployment has switched; destruction begins at the next round.", TICK_COMMAND)
    names = listed([d.name for d in behind])
    told = "; ".join(f"{d.name} last reported {ago(d.reported_at)}" for d in behind[:3])
    waiting = Waiting(names, f"It has not reported the new weights {short(wanted)} yet ({told}).")
    return late_deployments(plan, waiting)


def of_destruction(plan: Plan) -> Waiting:
    left = plan.destruction.filter(done_at=None)
    failed = left.exclude(error="").order_by("position").first()
    if failed is not None and failed.error.startswith(STILL_NEEDED):
        why = f"Item {failed.position} of the destruction list ({failed.kind}) waits. {failed.error}."
        return Waiting("a privacy officer", why)
    if failed is not None:
        why = f"Item {failed.position} of the destruction list ({failed.kind}) could not be destroyed: {failed.error}."
        return Waiting("an operator", why, "manage.py fsck --secrets")
    counts = f"{left.count()} of {plan.destruction.count()} items"
    return Waiting("Obelus", f"{counts} are still to be destroyed.", TICK_COMMAND)


def of_stopped(plan: Plan) -> Waiting:
    if (retracted := of_retracted(plan.model)) is not None:
        return replace(retracted, why=f"The plan stopped: {retracted.why}")
    change = StatusChange.objects.filter(ref=plan.ref, new=Plan.Status.STOPPED).order_by("-id").first()
    verdict = plan.verdicts.order_by("-id").first()
    job = plan.jobs.filter(status__in=(Job.Status.DEAD, Job.Status.REFUSED)).order_by("-id").first()
    why = change.reason if change and change.reason else ""
    if not why and job is not None:
        why = f"job {short(job.ref)}: {job.get_status_display().lower()} ({job.code or job.message or 'no reason'})"
    if not why:
        why = shut_gate(plan)
    if not why and verdict is not None:
        why = f"the verdict is {verdict.get_outcome_display().lower()}"
    return Waiting("a privacy officer", f"The plan stopped: {why or 'see its jobs'}. {ways_on(plan, verdict)}")


def ways_on(plan: Plan, verdict: Verdict | None) -> str:
    """What is open to a stopped plan. What was drawn once cannot be discarded and drawn again."""
    if verdict is not None and is_approximate(verdict.checkpoint):
        way = "try the next method of the ladder, or retrain" if next_step(plan) else "retrain"
        return f"Nothing but an attack that passed releases what was unlearned without a proof: {way} from the start."
    if verdict is not None and verdict.outcome == Verdict.Outcome.RESIDUAL:
        return "Somebody who did not confirm it may find that the alarm was false; else retrain from the start."
    if is_drawn(plan):
        return "Send its job round again, retrain from the start, or withdraw the model."
    return "Retrain from the start, or discard it."


def shut_gate(plan: Plan) -> str:
    """Why the candidate's gate is shut for another reason than its verdict: a cap, by how much, or a bound."""
    candidate = plan.candidate
    if candidate is None or verdict_reasons(candidate):
        return ""
    try:
        require_open(candidate, plan.policy)
    except GateShut as shut:
        return f"its candidate may not be published. {shut.detail}"
    return ""


def of_job(job: Job) -> Waiting:
    status = Job.Status
    if job.status == status.QUEUED:
        again = f" Attempt {job.attempt} ended by itself; it is tried again." if job.failures else ""
        since = ago(job.created_at)
        return Waiting("a worker", f"Queued {since}; no worker has taken it.{again}", WORKER_COMMAND)
    if job.status == status.RUNNING:
        return of_running(job)
    if job.status == status.DEAD:
        why = job.message or job.code or "every attempt failed"
        return Waiting("an operator", f"Given up after {job.failures} failed attempts: {why}. Send it round again.")
    if job.status == status.REFUSED:
        return Waiting("an operator", f"The engine refused it ({job.code}): {job.message}")
    return Waiting(NOBODY, f"{job.get_status_display()}.")


def of_running(job: Job) -> Waiting:
    if job.lease_until and job.lease_until < timezone.now():
        why = f"The worker was last heard of {ago(job.heartbeat_at)}; its lease has run out."
        return Waiting("Obelus", why, TICK_COMMAND)
    if job.cancel_requested:
        return Waiting("a worker", "It was asked to stop; it ends when its worker next looks.")
    left = seconds_left(job)
    pace = f", about {duration(left)} left" if left is not None else ""
    phase = job.phase or "starting"
    # A run whose steps would tell of deleted rows shows none.
    far = f", step {job.step:,} of {job.steps:,}{pace}" if job.steps else ""
    return Waiting("a worker", f"Running ({phase}){far}.")


FEWEST_STEPS = 8  # of fewer, each may be another kind of work: their pace foretells nothing


def seconds_left(job: Job) -> float | None:
    if job.rate <= 0 or job.steps < FEWEST_STEPS:
        return None
    return max(0.0, (job.steps - job.step) / job.rate)


def of_release(release: Release) -> Waiting:
    status = Release.Status
    if release.status == status.PROPOSED:
        return of_approvals(release)
    if release.status == status.APPROVED:
        return Waiting("Obelus", "Two people have approved; it is being signed.", TICK_COMMAND)
    return Waiting(NOBODY, f"{release.get_status_display()}: nothing more is awaited.")


def of_approvals(release: Release) -> Waiting:
    """People, not roles, make four eyes: the proposer and whoever has approved are out."""
    given = [approval.user for approval in release.approvals.select_related("user").order_by("id")]
    out = list({user.pk: user for user in [release.proposer, *given]}.values())
    able = eligible_approvers(out)
    place = "a first" if not given else "a second"
    on = f"{place} approver: anyone but {listed([name_of(u) for u in out], 'and')}"
    if not able:
        missing = "Nobody who may approve is left. Give a further person the role of approver."
        return Waiting(on, missing, "manage.py create_person NAME --role approver")
    seen = f"{len(given)} of {APPROVALS} approvals given. "
    return Waiting(on, f"{seen}Able to: {listed([name_of(user) for user in able], 'or')}.")


def eligible_approvers(out: list[User]) -> list[User]:
    people = User.objects.filter(is_active=True).exclude(pk__in=[user.pk for user in out]).order_by("username")
    return [user for user in people if user.has_role(Role.APPROVER)]
