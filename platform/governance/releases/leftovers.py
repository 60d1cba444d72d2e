"""Rows of an erased person in datasets that no model learned from: they go when the plans are done."""

from django.utils import timezone

from governance.actors import TICK
from governance.errors import Conflict
from governance.intake.models import ErasureRequest
from governance.intake.services import fulfil_if_done
from governance.jobs.models import Disposition
from governance.lineage.services import remove_rows

UNDER_WAY = (Disposition.Status.OPEN, Disposition.Status.PLANNED)


def remove_leftover_rows() -> int:
    """For requests whose every disposition has ended: remove what is left of the person, and fulfil them.

    The scope was confirmed and the plans were; this is the rest of what was asked. Not inside a transaction, because
    shredding cannot be undone; a second call finishes what a crash left.
    """
    done = ErasureRequest.objects.filter(status=ErasureRequest.Status.IN_PROGRESS)
    done = done.exclude(dispositions__status__in=UNDER_WAY).select_related("subject")
    return sum(finish(request) for request in done)


def finish(request: ErasureRequest) -> int:
    if request.subject is None or fulfil_if_done(request=request, actor=TICK):
        return 1
    try:
        remove_rows(subject=request.subject, at=timezone.now(), thread=request.ref, actor=TICK)
    except Conflict:
        return 0  # a model came to learn from the person meanwhile: its disposition is open now, and waits for a plan
    return int(fulfil_if_done(request=request, actor=TICK))
