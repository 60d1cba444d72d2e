"""The evidence bundle of a job that belongs to no plan: its own trail, specification, result, open measurements."""

from evidence.bundle import bundle_bytes
from evidence.canonical import canonical_bytes
from governance.errors import Conflict
from governance.jobs.models import Job
from governance.reports.bundle import run_documents
from governance.reports.trail import thread_members


def job_bundle(*, job: Job) -> bytes:
    """The bundle of an ended job without a plan.

    Raises:
        Conflict: it belongs to a plan, whose bundle holds it; or it has not ended for good.
    """
    if job.thread != job.ref:
        raise Conflict(
            f"Job {job.ref} belongs to {job.thread}.", code="part_of_a_plan", remedy="Ask for that plan's bundle."
        )
    jobs = Job.objects.filter(pk=job.pk, attempts__isnull=False).distinct()
    members = {path: canonical_bytes(document) for path, document in run_documents(jobs).items()}
    return bundle_bytes(kind="job", thread=job.ref, members={**members, **thread_members(job.ref)})
