"""The reading room: one plan's measurements and runs, the sealed ones too, for an auditor, while the case is open.

Each look leaves an entry with a commitment to the reader. What was measured on erased records is destroyed with the
case, and then there is nothing left to read for anybody (decisions 0007 and 0026).
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from evidence.canonical import parse_canonical
from governance.actors import Actor
from governance.audit.models import Entry, Event
from governance.audit.sealing import commit, unseal
from governance.audit.services import append
from governance.errors import Conflict, Destroyed
from governance.jobs.models import Job, Plan
from governance.people.models import User
from governance.verification.auditors import require_auditor
from governance.verification.models import Verdict
from governance.verification.sealed_runs import Run, opened, runs_to_read, sealed_names

Lines = list[dict[str, Any]]
OVER = (Plan.Status.CLOSED, Plan.Status.DISCARDED)


def reading_thread(plan: Plan) -> str:
    """Readings have a thread of their own: an auditor's look must not make a plan's bundle another one."""
    return f"read_{plan.ref}"


@dataclass(frozen=True)
class Seen:
    """lines: of the attack behind `verdict`, the newest, open and sealed. runs: each unlearning, step by step."""

    verdict: Verdict | None
    lines: Lines
    runs: list[Run]


@transaction.atomic
def look(*, plan: Plan, actor: Actor) -> Seen:
    """All that was measured on a plan's erased records. The look is logged before it is given.

    Raises:
        Forbidden: not_an_auditor. Conflict: nothing_measured. Destroyed: the case is over.
    """
    user = require_auditor(actor)
    # The plan is closed under this row's lock: a look comes before that, or finds it closed.
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    job, ran = measured(plan), runs_to_read(plan)
    if not is_open(plan):
        raise nothing_left(plan, job)
    sealed: Lines = unseal(plan.ref, f"measurements/{job.ref}")["measurements"] if job and holds(plan, job) else []
    newest = job or ran[-1]
    # Not how many lines there are: which budgets told anything follows from the erased rows, and this is for ever.
    body: dict[str, Any] = {"plan": plan.ref, "job": newest.ref, "auditor": commit(plan.ref, user.ref)}
    # How many runs there were is in the plan's own trail; how they went is not told here.
    body |= {"runs": len(ran)} if ran else {}
    append(Event.MEASUREMENTS_READ, thread=reading_thread(plan), actor=actor, body=body)
    return Seen(newest_verdict(plan), [*open_lines(plan), *sealed], opened(plan, ran))


def nothing_left(plan: Plan, job: Job | None) -> Conflict | Destroyed:
    if job is not None or plan.status in OVER:
        return Destroyed(f"What was measured on the erased records of plan {plan.ref} was destroyed with the case.")
    return Conflict(
        f"Nothing was measured on the erased records of plan {plan.ref} yet.",
        code="nothing_measured",
        remedy="Come back when a run of unlearning or its verification has ended.",
    )


def has_looked(plan: Plan, user: User) -> bool:
    """Whether this person was in the reading room of this plan, in whatever role: the log's commitments tell."""
    entries = Entry.objects.filter(thread=reading_thread(plan), event=Event.MEASUREMENTS_READ)
    if not entries.exists():
        return False
    reader = commit(plan.ref, user.ref)
    return any(parse_canonical(bytes(entry.leaf))["body"]["auditor"] == reader for entry in entries)


def is_open(plan: Plan) -> bool:
    """Whether there is still something to read: of the attack, or of a run of unlearning."""
    job = measured(plan)
    return plan.status not in OVER and ((job is not None and holds(plan, job)) or bool(runs_to_read(plan)))


def holds(plan: Plan, job: Job) -> bool:
    """Whether what this job sealed is still there."""
    return f"measurements/{job.ref}" in sealed_names(plan)


def newest_verdict(plan: Plan) -> Verdict | None:
    found: Verdict | None = plan.verdicts.order_by("-id").first()
    return found


def measured(plan: Plan) -> Job | None:
    """The attack behind the newest verdict; None where none attacked."""
    verdict = newest_verdict(plan)
    if verdict is None or verdict.job.purpose != Job.Purpose.VERIFY:
        return None
    job: Job = verdict.job
    return job


def open_lines(plan: Plan) -> Lines:
    """What everybody may read of the attack behind the newest verdict."""
    job = measured(plan)
    opened = (job.result or {}).get("open") if job is not None else None
    lines: Lines = opened["measurements"] if opened else []
    return lines
