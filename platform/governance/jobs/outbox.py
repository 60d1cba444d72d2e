"""Ringing the doorbell: what is in the outbox, and again whatever nobody came for."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from governance.jobs.models import Job, Outbox
from governance.queue import TaskName, ring

BATCH = 100


@transaction.atomic
def relay() -> int:
    """Send what is due. A crash after sending sends twice; a claim makes the second one harmless."""
    rows = list(Outbox.objects.select_for_update(skip_locked=True).filter(sent_at=None).order_by("id")[:BATCH])
    for row in rows:
        ring(row.task, row.argument)
    Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=Now())
    return len(rows)


def re_ring() -> int:
    """Ring again for jobs that wait although their bell was rung: Redis may have lost it."""
    patience = timedelta(seconds=settings.LEASE_S)
    waiting = Job.objects.filter(status=Job.Status.QUEUED).exclude(
        ref__in=Outbox.objects.filter(sent_at=None).values("argument")
    )
    stale = waiting.filter(Q(rung_at=None) | Q(rung_at__lt=Now() - patience)).order_by("id")[:BATCH]
    count = 0
    for job in stale:
        ring(TaskName.RUN_JOB, job.ref)
        count += Job.objects.filter(pk=job.pk).update(rung_at=Now())
    return count
