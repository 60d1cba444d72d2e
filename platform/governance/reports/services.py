"""Documents handed out. Each leaves a row with its digest and an entry in a trail of its own: who reads is seen too."""

from django.db import transaction

from evidence.canonical import digest
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.ids import new_ref
from governance.intake.models import ErasureRequest
from governance.jobs.models import Job, Plan
from governance.reports import bundle as bundles
from governance.reports import job_bundle as job_bundles
from governance.reports import pdf
from governance.reports import receipt as receipts
from governance.reports.models import Document

Kind = Document.Kind


def bundle(*, plan: Plan, actor: Actor) -> bytes:
    """The evidence bundle of a closed plan, kind `erasure`.

    Raises:
        Conflict: plan_not_closed. DigestMismatch: a row does not say what the log says.
    """
    return handed_out(bundles.bundle(plan=plan), kind=Kind.BUNDLE, thread=plan.ref, actor=actor)


def bundle_with_weights(*, plan: Plan, actor: Actor) -> bytes:
    """As `bundle`, with the released weights. Raises: as `bundle`, and Destroyed."""
    return handed_out(bundles.bundle_with_weights(plan=plan), kind=Kind.BUNDLE, thread=plan.ref, actor=actor)


def receipt(*, request: ErasureRequest, actor: Actor) -> bytes:
    """The receipt of a fulfilled request, kind `receipt`, for that person only.

    Raises:
        Conflict: not_fulfilled. Destroyed: the case's key is gone.
    """
    return handed_out(receipts.receipt(request=request), kind=Kind.RECEIPT, thread=request.ref, actor=actor)


def job_bundle(*, job: Job, actor: Actor) -> bytes:
    """The evidence bundle of an ended job without a plan, kind `job`. Raises: Conflict: part_of_a_plan, not_closed."""
    return handed_out(job_bundles.job_bundle(job=job), kind=Kind.BUNDLE, thread=job.ref, actor=actor)


def report_pdf(*, plan: Plan, actor: Actor) -> bytes:
    """The auditor's report of a closed plan, a PDF/UA-1 file. Raises: as `bundle`."""
    return handed_out(pdf.report_pdf(plan=plan), kind=Kind.REPORT, thread=plan.ref, actor=actor)


@transaction.atomic
def handed_out(data: bytes, *, kind: str, thread: str, actor: Actor) -> bytes:
    """Written down after it was made: no lock on the log is held while a document is put together."""
    ref, found = new_ref("doc"), digest(data)
    Document.make(ref=ref, kind=kind, thread=thread, digest=found)
    append(Event.REPORT_READ, thread=ref, actor=actor, body={"kind": kind, "about": thread, "document": found})
    return data
