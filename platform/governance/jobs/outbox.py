"""Ringing the doorbell: what is in the outbox, and again whatever nobody came for.

No transaction is open while Redis is spoken to: a Redis that hangs must not hold rows. So two ticks may ring twice;
a claim makes the second bell harmless.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from governance.jobs.models import Job, Outbox
from governance.queue import TaskName, bells_waiting, ring

BATCH = 100
KEEP_SENT = timedelta(days=1)


def relay() -> int:
    """Send what is due. A crash after sending sends twice."""
    count = 0
    for row in Outbox.objects.filter(sent_at=None).order_by("id")[:BATCH]:
        ring(row.task, row.argument)
        Job.objects.filter(ref=row.argument).update(rung_at=Now())
        count += Outbox.objects.filter(pk=row.pk).update(sent_at=Now())
    return count


def re_ring() -> int:
    """Ring again for jobs that wait although their bell was rung: Redis, or a worker, may have lost it.

    Never more bells than the queue has room for: with no worker up they would pile up in Redis for nothing.
    """
    patience = timedelta(seconds=settings.LEASE_S)
    unsent = Outbox.objects.filter(sent_at=None).values("argument")
    waiting = Job.objects.filter(status=Job.Status.QUEUED).exclude(ref__in=unsent)
    stale = list(waiting.filter(Q(rung_at=None) | Q(rung_at__lt=Now() - patience)).order_by("id")[:BATCH])
    room = BATCH - bells_waiting() if stale else 0
    for job in stale[: max(0, room)]:
        ring(TaskName.RUN_JOB, job.ref)
        Job.objects.filter(pk=job.pk).update(rung_at=Now())
    return len(stale[: max(0, room)])


def prune() -> int:
    """Forget bells that were rung long ago."""
    return Outbox.objects.filter(sent_at__lt=Now() - KEEP_SENT).delete()[0]
