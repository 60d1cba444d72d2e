"""Progress as small JSON: what a page asks for every two seconds while it is looked at."""

from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone

from governance.console.tones import tone_of
from governance.console.waiting import blocker, seconds_left
from governance.console.wording import ago, duration, plain_number
from governance.console.work_words import work_words
from governance.intake.models import ErasureRequest
from governance.jobs.models import Job, Plan
from governance.jobs.tiers import STEPS_TELL
from governance.verification.models import QualificationRun
from governance.verification.qualification_words import jobs_of, outcome_of

MACHINES = ("a worker", "Obelus")
LIVE = (Job.Status.QUEUED, Job.Status.RUNNING)


def job_facts(job: Job) -> dict[str, Any]:
    """One bar: counts, rate and time left, as numbers and in words."""
    left = seconds_left(job)
    share = job.step / job.steps if job.steps else 0.0
    share = 1.0 if job.status == Job.Status.SUCCEEDED else min(1.0, share)
    return {
        "ref": job.ref,
        "engine": job.engine,
        "work": work_words(job),
        "tone": tone_of(job.status),
        "status": job.status,
        "status_words": job.get_status_display(),
        "phase": job.phase,
        "step": job.step,
        "steps": job.steps,
        "percent": round(100 * share),
        "count_words": count_words(job),
        "rate_words": rate_words(job.rate) if job.rate else "",
        "left_words": left_words(left) if left is not None and job.status == Job.Status.RUNNING else "",
        "heard_words": f"heard {ago(job.heartbeat_at)}" if job.status == Job.Status.RUNNING else "",
        "live": job.status in LIVE,
    }


def count_words(job: Job) -> str:
    """How far it is; how long it has run, where steps would tell something of the erased rows."""
    if job.engine in STEPS_TELL and job.status == Job.Status.RUNNING:
        begun = job.attempts.order_by("-number").values_list("started_at", flat=True).first()
        so_far = f"running for {duration((timezone.now() - begun).total_seconds())}; " if begun else ""
        return f"{so_far}no steps are shown, since where it ends would tell of the erased rows"
    if job.steps:
        return f"{job.step:,} of {job.steps:,} steps"
    return "no steps counted yet" if job.status in LIVE else ""


def rate_words(rate: float) -> str:
    """Slow work is said by the step: 0.02 steps a second is a minute's wait."""
    return f"{plain_number(rate)} steps a second" if rate >= 1 else f"{duration(1 / rate)} a step"


def left_words(seconds: float) -> str:
    return "under a second left" if seconds < 1 else f"about {duration(seconds)} left"


def answer(row: ErasureRequest | Plan | Job, jobs: list[Job]) -> JsonResponse:
    """`state` changes whenever the page has news beyond the bars."""
    found = blocker(row)
    state = "/".join([row.status, found.on, *(f"{job.ref}:{job.status}:{job.attempt}" for job in jobs)])
    facts = [job_facts(job) for job in jobs]
    moving = found.on in MACHINES or any(fact["live"] for fact in facts)
    return JsonResponse({"state": state, "on": found.on, "why": found.why, "live": moving, "jobs": facts})


def jobs_of_request(request: ErasureRequest) -> list[Job]:
    """The jobs of its plans; the newest last."""
    plans = request.dispositions.exclude(plan=None).values("plan")
    return list(Job.objects.filter(plan__in=plans).order_by("id"))


def request_progress(_request: HttpRequest, ref: str) -> JsonResponse:
    row = ErasureRequest.objects.filter(ref=ref).first()
    if row is None:
        raise Http404
    return answer(row, jobs_of_request(row))


def plan_progress(_request: HttpRequest, ref: str) -> JsonResponse:
    row = Plan.objects.filter(ref=ref).first()
    if row is None:
        raise Http404
    return answer(row, list(row.jobs.order_by("id")))


def job_progress(_request: HttpRequest, ref: str) -> JsonResponse:
    row = Job.objects.filter(ref=ref).first()
    if row is None:
        raise Http404
    return answer(row, [row])


def qualification_progress(_request: HttpRequest, ref: str) -> JsonResponse:
    """A trial has no blocker of its own: its jobs tell, and its outcome is news."""
    row = QualificationRun.objects.filter(ref=ref).first()
    if row is None:
        raise Http404
    jobs, found = jobs_of(row), outcome_of(row)
    state = "/".join([found.outcome if found else "", *(f"{job.ref}:{job.status}:{job.attempt}" for job in jobs)])
    return JsonResponse({"state": state, "live": found is None, "jobs": [job_facts(job) for job in jobs]})
