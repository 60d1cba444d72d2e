"""Which checkpoints of a plan's model learned from its people, and which ones are about to go without help."""

from django.db.models import Q, QuerySet

from governance.jobs.models import Job, Plan
from governance.jobs.people import records_of
from governance.lineage.models import Checkpoint, SnapshotRow, TrainedModel

ENDED_PLANS = (Plan.Status.CLOSED, Plan.Status.DISCARDED)
# Published: its own list of destruction ends it, and its dispositions with it.
FINISHING = (Plan.Status.PUBLISHED, Plan.Status.DESTROYING)


def held_by(plan: Plan) -> QuerySet[Checkpoint]:
    """Checkpoints of this model that learned from the records, as far as anyone knows; the candidate apart.

    A discarded plan takes none of them along: its list names what it made, and nobody was erased by it.
    """
    if plan.status == Plan.Status.DISCARDED:
        return Checkpoint.objects.none()
    holding = SnapshotRow.objects.filter(record__in=records_of(plan)).values("snapshot")
    learned = Q(model=plan.model, run__snapshot__in=holding) | Q(dispositions__plan=plan)
    found = Checkpoint.objects.filter(learned).distinct()
    return found.exclude(pk=plan.candidate.pk) if plan.candidate else found


def under_way(model: TrainedModel) -> QuerySet[Plan]:
    return model.plans.exclude(status__in=ENDED_PLANS).order_by("id")


def unfinished_jobs(model: TrainedModel) -> QuerySet[Job]:
    """Training jobs, and those of plans that are not finishing."""
    of_plans = Job.objects.filter(plan__in=model.plans.exclude(status__in=FINISHING))
    return (of_plans | Job.objects.filter(run__model=model)).exclude(status__in=Job.FINAL).order_by("id")


def goes_by_itself(checkpoint: Checkpoint) -> bool:
    """Whether nobody needs its bytes any more: its model's own list of destruction, or withdrawal, is about to end it.

    Whoever waits for such a one would wait in a ring: it may itself be waiting for the same bytes.
    """
    destroying = checkpoint.model.plans.filter(status=Plan.Status.DESTROYING).select_related("candidate", "model")
    return any(held_by(plan).filter(pk=checkpoint.pk).exists() for plan in destroying) or is_given_up(checkpoint)


def is_given_up(checkpoint: Checkpoint) -> bool:
    """Its model was withdrawn, no deployment of it reports these weights, and nothing of it works any more."""
    model = checkpoint.model
    if model.withdrawn_at is None or model.deployments.filter(serving=checkpoint.object_digest).exists():
        return False
    return not (under_way(model).exclude(status=Plan.Status.DESTROYING).exists() or unfinished_jobs(model).exists())
