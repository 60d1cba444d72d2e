"""One job: its attempts, its progress, and what it stands for."""

import json

from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.access import may, user_of
from governance.console.deeds import open_to
from governance.console.live import job_facts
from governance.console.pages.found import by_ref
from governance.console.pages.runs import where_of
from governance.console.shell import show
from governance.console.tones import tone_of
from governance.console.waiting import blocker
from governance.console.wording import PURPOSES
from governance.console.work_words import work_words
from governance.jobs.models import Job

TRAIL = (("Jobs", "jobs_job_changelist"),)
CAUSES = {
    "lease_lost": "the worker was not heard of any more",
    "worker_stopped": "the worker was stopped in good order",
    "broken_result": "what the runner left could not be read",
    "storage_full": "the object store was full",
    "cancelled": "a person cancelled it",
    "refused": "the engine refused it",
}


OUTCOMES = {
    "queued": "sent back to the queue",
    "succeeded": "done",
    "dead": "the last one allowed",
}


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    row = by_ref(Job.objects.select_related("plan__model"), ref)
    facts = job_facts(row)
    attempts = [
        (attempt, OUTCOMES.get(attempt.outcome, attempt.outcome), cause_words(attempt.cause))
        for attempt in row.attempts.order_by("-number")
    ]
    return show(
        request,
        "job.html",
        title=work_words(row),
        trail=TRAIL,
        row=row,
        tone=tone_of(row.status),
        jobs=[facts],
        any_live=facts["live"],
        purpose=PURPOSES.get(row.purpose, row.purpose),
        waiting=blocker(row),
        attempts=attempts,
        params=json.dumps(row.spec.get("params", {}), indent=2, sort_keys=True),
        inputs=row.spec.get("inputs", {}),
        where=where_of(row.plan) if row.plan and row.purpose == Job.Purpose.UNLEARN else None,
        may_read=may(user_of(request), "read_measurements"),
        deeds=open_to(user_of(request), "job", row.status),
    )


def cause_words(cause: str) -> str:
    if cause.startswith("exit_"):
        return f"the runner ended by itself (exit code {cause.removeprefix('exit_')})"
    return CAUSES.get(cause, cause.replace("_", " "))
