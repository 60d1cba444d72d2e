"""The reading room: one plan's measurements, the sealed ones too, for an auditor, while the case is open.

Each look leaves an entry with a commitment to the reader. What was measured on erased records is destroyed with the
case, and then there is nothing left to read for anybody (decisions 0007 and 0026).
"""

from typing import Any

from django.db import transaction

from evidence.canonical import parse_canonical
from governance.actors import Actor
from governance.audit.models import Entry, Event, Sealed
from governance.audit.sealing import commit, unseal
from governance.audit.services import append
from governance.errors import Conflict, Destroyed
from governance.jobs.models import Job, Plan
from governance.people.models import User
from governance.verification.auditors import require_auditor
from governance.verification.models import Verdict

Lines = list[dict[str, Any]]
OVER = (Plan.Status.CLOSED, Plan.Status.DISCARDED)


def reading_thread(plan: Plan) -> str:
    """Readings have a thread of their own: an auditor's look must not make a plan's bundle another one."""
    return f"read_{plan.ref}"


@transaction.atomic
def look(*, plan: Plan, actor: Actor) -> Lines:
    """Every line of the attack behind the newest verdict, open and sealed. The look is logged before it is given.

    Raises:
        Forbidden: not_an_auditor. Conflict: nothing_measured. Destroyed: the case is over.
    """
    user = require_auditor(actor)
    # The plan is closed under this row's lock: a look comes before that, or finds it closed.
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    job = measured(plan)
    if job is None:
        raise Conflict(
            f"Nothing was measured on the erased records of plan {plan.ref} yet.",
            code="nothing_measured",
            remedy="Come back when its verification has ended.",
        )
    if not is_open(plan, job):
        raise Destroyed(f"What was measured on the erased records of plan {plan.ref} was destroyed with the case.")
    sealed: Lines = unseal(plan.ref, f"measurements/{job.ref}")["measurements"]
    body = {"plan": plan.ref, "job": job.ref, "lines": len(sealed), "auditor": commit(plan.ref, user.ref)}
    append(Event.MEASUREMENTS_READ, thread=reading_thread(plan), actor=actor, body=body)
    return [*open_lines(plan), *sealed]


def has_looked(plan: Plan, user: User) -> bool:
    """Whether this person was in the reading room of this plan, in whatever role: the log's commitments tell."""
    entries = Entry.objects.filter(thread=reading_thread(plan), event=Event.MEASUREMENTS_READ)
    if not entries.exists():
        return False
    reader = commit(plan.ref, user.ref)
    return any(parse_canonical(bytes(entry.leaf))["body"]["auditor"] == reader for entry in entries)


def is_open(plan: Plan, job: Job) -> bool:
    """Whether there is still something to read."""
    return plan.status not in OVER and Sealed.objects.filter(case_id=plan.ref, name=f"measurements/{job.ref}").exists()


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
