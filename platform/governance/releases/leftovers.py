"""What is left of a person when every plan is done or every model withdrawn: the rows go, and the request ends."""

from django.db.models import Q
from django.utils import timezone

from governance.actors import TICK
from governance.errors import Conflict
from governance.intake.models import ErasureRequest
from governance.intake.services import fulfil_if_done
from governance.jobs.models import Disposition
from governance.lineage.services import remove_rows
from governance.verification.trials import trials_holding

UNDER_WAY = (Disposition.Status.OPEN, Disposition.Status.PLANNED)


def remove_leftover_rows() -> int:
    """For requests whose every disposition has ended: remove what is left of the person, and fulfil them.

    The scope was confirmed and the plans were; this is the rest of what was asked. Not inside a transaction, because
    shredding cannot be undone; a second call finishes what a crash left.
    """
    status = ErasureRequest.Status
    begun = Q(status=status.IN_PROGRESS)
    # Its models were withdrawn before any plan was: only then does a scoped request end by itself.
    given_up = Q(status=status.SCOPED, dispositions__status=Disposition.Status.WITHDRAWN)
    done = ErasureRequest.objects.filter(begun | given_up).exclude(dispositions__status__in=UNDER_WAY)
    return sum(finish(request) for request in done.select_related("subject").distinct())


def finish(request: ErasureRequest) -> int:
    if request.subject is None or fulfil_if_done(request=request, actor=TICK):
        return 1
    if trials_holding(request.subject).exists():
        return 0  # a trial of a recipe works on these rows; it ends, and what it made is destroyed, by itself
    try:
        remove_rows(subject=request.subject, at=timezone.now(), thread=request.ref, actor=TICK)
    except Conflict:
        return 0  # a model came to learn from the person meanwhile: its disposition is open now, and waits for a plan
    return int(fulfil_if_done(request=request, actor=TICK))
