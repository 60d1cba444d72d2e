"""A training that ends after somebody's scope was confirmed: its model learned from them too, and must be planned for.

Without a disposition of its own it would keep their rows for ever: their other plans wait for it, and it for them.
"""

from governance.actors import WORKER
from governance.intake.models import ErasureRequest
from governance.intake.scope import open_disposition
from governance.jobs.models import Disposition, Job
from governance.lineage.models import Checkpoint
from governance.lineage.outcomes import checkpoint_from


def trained(job: Job) -> Checkpoint:
    """The checkpoint of a recorded training, with a disposition for everybody in it who is being erased.

    Raises: as `checkpoint_from`.
    """
    checkpoint = checkpoint_from(job)
    for request in asking(checkpoint):
        open_disposition(request, checkpoint, WORKER)
    return checkpoint


def asking(checkpoint: Checkpoint) -> list[ErasureRequest]:
    """Requests under way of people it learned from. A plan at work on the same model destroys it by its own list."""
    under_way = (ErasureRequest.Status.SCOPED, ErasureRequest.Status.IN_PROGRESS)
    planned = Disposition.objects.filter(checkpoint__model=checkpoint.model, status=Disposition.Status.PLANNED)
    found = ErasureRequest.objects.filter(
        status__in=under_way, subject__records__places__snapshot=checkpoint.run.snapshot
    )
    return list(found.exclude(pk__in=planned.values("request")).distinct().order_by("id"))
