"""The sweep: takes back jobs whose lease ran out, and drops what dead attempts left in the object store."""

import logging

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from governance.actors import TICK
from governance.jobs.leases import failed
from governance.jobs.models import Job
from governance.objects.destruction import discard_pending
from governance.objects.models import ObjectClaim

log = logging.getLogger("sweep")
BATCH = 100
LEASE_LOST = "The worker stopped answering and its lease ran out."


def expire_leases() -> int:
    """Take back every job whose lease has run out. Safe to run from many processes at once."""
    late = Job.objects.filter(status=Job.Status.RUNNING, lease_until__lt=Now()).order_by("id")[:BATCH]
    count = sum(expire_safely(job) for job in late)
    if count:
        discard_stale()
    return count


def expire_safely(job: Job) -> int:
    """One job that cannot be moved must not keep the others waiting."""
    try:
        return expire(job)
    except DatabaseError:
        raise
    except Exception:
        log.exception("a late job could not be taken back", extra={"job": job.ref})
        return 0


@transaction.atomic
def expire(job: Job) -> int:
    """Under the row's lock the claim is looked at again: a heartbeat may have come in between."""
    late = Job.objects.filter(pk=job.pk, token=job.token, status=Job.Status.RUNNING, lease_until__lt=Now())
    still = late.select_for_update().first()
    if still is None:
        return 0
    failed(still, cause="lease_lost", message=LEASE_LOST, actor=TICK)
    return 1


def discard_stale() -> int:
    """Drop what attempts put into the store that are over. After their end was committed, never before:
    else a rolled-back end would leave a live attempt without its bytes."""
    running = Job.objects.filter(ref=OuterRef("owner"), token=OuterRef("token"), status=Job.Status.RUNNING)
    over = ObjectClaim.objects.filter(token__gt=0).exclude(Exists(running))
    pairs = set(over.values_list("owner", "token")[:1000])
    return sum(discard_pending(owner, token) for owner, token in pairs)
