"""Whose records a plan is about, which release ended it, and which of its jobs still count."""

from django.db.models import QuerySet

from governance.errors import NotFound
from governance.jobs.models import Job, Plan
from governance.lineage.models import Record, Subject
from governance.releases.models import Release


def subjects_of(plan: Plan) -> list[Subject]:
    """The people whose requests the plan carries out."""
    return list(Subject.objects.filter(requests__dispositions__plan=plan).distinct().order_by("id"))


def records_of(plan: Plan) -> QuerySet[Record]:
    """All their records in the model's dataset, whether the model learned from them or not."""
    return Record.objects.filter(dataset=plan.model.dataset, subject__in=subjects_of(plan)).order_by("id")


def published_release(plan: Plan) -> Release:
    """The release that ended the plan's work.

    Raises:
        NotFound: nothing was proposed yet.
    """
    release = plan.release
    if release is None:
        raise NotFound(f"Plan {plan.ref} has no release yet.")
    return release


def superseded(job: Job) -> bool:
    """Whether its plan has begun anew since: what an older job still brings back means nothing any more."""
    newer = Job.objects.filter(plan=job.plan, purpose__in=(Job.Purpose.UNLEARN, Job.Purpose.RETRAIN), pk__gt=job.pk)
    return newer.exists()
