"""Releases that wait for the signer although its bell was rung: Redis may have lost it."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from governance.jobs.models import Outbox
from governance.queue import TaskName, ring
from governance.releases.models import Release


def ring_for_signatures() -> int:
    """Ring once more for every approved release whose bell was rung a while ago. A second signer does nothing."""
    patience = timedelta(seconds=settings.LEASE_S)
    fresh = Outbox.objects.filter(task=TaskName.SIGN_RELEASE).exclude(sent_at__lt=Now() - patience)
    waiting = Release.objects.filter(status=Release.Status.APPROVED).exclude(ref__in=fresh.values("argument"))
    refs = list(waiting.values_list("ref", flat=True)[:100])
    for ref in refs:
        ring(TaskName.SIGN_RELEASE, ref)
    return len(refs)
