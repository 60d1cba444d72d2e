"""Of a case that dropped parts of older weights: what had been recorded of these, for its bundle."""

from evidence.canonical import Json, canonical_bytes, parse_canonical
from evidence.case import PART_OPENINGS
from governance.audit.models import Entry, Event
from governance.errors import Destroyed
from governance.jobs.models import Certificate, Job, Plan
from governance.jobs.parts import parts_document, salts_of


def recorded_by(plan: Plan) -> Job | None:
    """The job whose record of the old weights' parts the certificate names."""
    named = named_by(plan)
    return Job.objects.get(ref=named["job"]) if named else None


def named_by(plan: Plan) -> dict[str, str]:
    """What the certificate names of that record; one from before it named specifications names none."""
    named: dict[str, str] = Certificate.objects.get(plan=plan, checkpoint=plan.candidate).body.get("parts", {})
    return named


def old_parts(plan: Plan) -> dict[str, Json]:
    job = recorded_by(plan)
    if job is None:
        return {}
    spec = {f"specs/{job.ref}.json": job.spec} if "spec" in named_by(plan) else {}
    return {f"parts/{job.ref}.json": parts_document(job), **spec}


def old_record(plan: Plan) -> Entry | None:
    """The log's entry of that job, whichever case it belonged to."""
    job = recorded_by(plan)
    if job is None:
        return None
    entries = Entry.objects.filter(thread=job.thread, event=Event.JOB_RECORDED)
    return next((entry for entry in entries if parse_canonical(bytes(entry.leaf))["body"]["job"] == job.ref), None)


def salts_of_what_stayed(plan: Plan) -> dict[str, bytes]:
    """For whoever gets the released weights as well: they could try texts on these without any salt.

    Raises:
        Destroyed: these weights were destroyed; the same bytes that another training gave since open nothing.
    """
    if recorded_by(plan) is None or plan.candidate is None:
        return {}
    made = Job.objects.get(plan=plan, spec_digest=Certificate.objects.get(checkpoint=plan.candidate).body["spec"])
    lines = [{"part": part, "key_hex": salt.hex()} for part, salt in sorted(salts_of(made).items())]
    if not lines:
        raise Destroyed(f"The weights that plan {plan.ref} released were destroyed, and the salts of their parts too.")
    return {PART_OPENINGS: canonical_bytes(lines)}
