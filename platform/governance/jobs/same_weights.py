"""Seeded training gives the same bytes for the same recipe and rows, so one object may be several things at once."""

from governance.audit.models import Thread
from governance.jobs.models import Job
from governance.lineage.models import Checkpoint

GONE = (Checkpoint.Status.DESTROYED, Checkpoint.Status.DISCARDED)


def needed_elsewhere(weights: str, *, thread: str) -> bool:
    """Whether what one case made is, byte for byte, a living model, or an input that another open case still needs."""
    if Checkpoint.objects.filter(object_digest=weights).exclude(status__in=GONE).exists():
        return True
    others = Job.objects.filter(weights=weights).exclude(thread=thread).values("thread")
    return Thread.objects.filter(ref__in=others, closed=False).exists()
