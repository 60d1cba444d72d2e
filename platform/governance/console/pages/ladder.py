"""A plan's ladder as fixed before anything ran: each method in turn, then retraining, and how far it was climbed."""

from dataclasses import dataclass

from governance.console.tones import tone_of
from governance.jobs.models import Job, Plan
from governance.jobs.recipe_plans import steps_of
from governance.jobs.running import unlearnings
from governance.verification.method_words import method_words
from governance.verification.models import Verdict

TOP = "Retraining without the records"
ENDED = (Plan.Status.CLOSED, Plan.Status.DISCARDED, Plan.Status.PUBLISHED, Plan.Status.DESTROYING, Plan.Status.GATE)


@dataclass(frozen=True)
class Step:
    """job: where one can see how it went; empty for a step that was not begun."""

    words: str
    state: str
    tone: str
    job: str
    now: bool


def ladder_of(plan: Plan) -> list[Step]:
    """Empty for a plan with one way only."""
    if "ladder" not in plan.body.get("inputs", {}) or not plan.body["choice"]["ladder"]:
        return []
    methods = [step["method"] for step in steps_of(plan.body)]
    top = plan.jobs.filter(purpose=Job.Purpose.RETRAIN).order_by("-id").first()
    tried = [*unlearnings(plan), *[None] * len(methods)][: len(methods)]
    jobs: list[Job | None] = [*tried, top]
    last = max((place for place, job in enumerate(jobs) if job is not None), default=-1)
    names = [*map(method_words, methods), TOP]
    return [step_of(plan, words, job, place, last) for place, (words, job) in enumerate(zip(names, jobs, strict=True))]


def step_of(plan: Plan, words: str, job: Job | None, place: int, last: int) -> Step:
    if job is None:
        return Step(words, untried(plan, skipped=place < last), "ended", "", now=False)
    verdict = verdict_on(plan, job)
    if verdict is not None:
        return Step(words, verdict.get_outcome_display(), VERDICTS.get(verdict.outcome, "late"), job.ref, place == last)
    if job.status == Job.Status.SUCCEEDED:
        return Step(words, "being attacked", "work", job.ref, place == last)
    return Step(words, job.get_status_display(), tone_of(job.status), job.ref, place == last)


VERDICTS: dict[str, str] = {Verdict.Outcome.PASSED: "done", Verdict.Outcome.INCONCLUSIVE: "soon"}


def untried(plan: Plan, *, skipped: bool) -> str:
    if skipped:
        return "left out"
    return "not needed" if plan.status in ENDED else "not tried yet"


def verdict_on(plan: Plan, job: Job) -> Verdict | None:
    """The newest on the weights that this job made."""
    if not job.weights:
        return None
    found: Verdict | None = plan.verdicts.filter(checkpoint__object_digest=job.weights).order_by("-id").first()
    return found
