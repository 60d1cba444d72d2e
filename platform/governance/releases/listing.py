"""What must be gone before a certificate may start: everything that saw the records and everything made on the way."""

from django.db.models import Q

from governance.audit.models import Sealed
from governance.jobs.models import Job, Plan
from governance.jobs.people import records_of
from governance.lineage.models import Checkpoint, Snapshot, SnapshotRow
from governance.releases.models import DestructionItem

Kind = DestructionItem.Kind
ENDED = (Plan.Status.CLOSED, Plan.Status.DISCARDED)


def list_for(plan: Plan) -> list[tuple[str, str]]:
    """(kind, target) in the order of destruction: weights first, then rows, then what the work left."""
    jobs = Job.objects.filter(plan=plan).order_by("id")
    kept = plan.candidate.object_digest if plan.candidate else ""
    extra = [j.weights for j in jobs if j.weights and j.weights != kept]
    references = [j.weights for j in jobs if j.purpose == Job.Purpose.REFERENCE and j.weights]
    return [
        *[(Kind.WEIGHTS, c.object_digest) for c in holding_checkpoints(plan)],
        *[(Kind.CANDIDATE, digest) for digest in extra if digest not in references],
        *[(Kind.REFERENCE, digest) for digest in references],
        *[(Kind.SNAPSHOT, s.ref) for s in holding_snapshots(plan)],
        *[(Kind.JOB_FOLDER, j.ref) for j in jobs],
        *[(Kind.MEASUREMENTS, j.ref) for j in jobs if Sealed.objects.filter(name=f"measurements/{j.ref}").exists()],
    ]


def holding_snapshots(plan: Plan) -> list[Snapshot]:
    """Snapshots that hold the records and that no other open plan still starts from."""
    holding = SnapshotRow.objects.filter(record__in=records_of(plan)).values("snapshot")
    found = Snapshot.objects.filter(pk__in=holding, destroyed_at=None).order_by("id")
    needed = Plan.objects.exclude(status__in=ENDED).exclude(pk=plan.pk).values("source__run__snapshot")
    return list(found.exclude(pk__in=needed))


def holding_checkpoints(plan: Plan) -> list[Checkpoint]:
    """Checkpoints of this model that learned from the records, as far as anyone knows; the released candidate apart."""
    holding = SnapshotRow.objects.filter(record__in=records_of(plan)).values("snapshot")
    learned = Q(model=plan.model, run__snapshot__in=holding) | Q(dispositions__plan=plan)
    found = Checkpoint.objects.filter(learned).distinct()
    found = found.exclude(pk=plan.candidate.pk) if plan.candidate else found
    return list(found.exclude(status=Checkpoint.Status.DESTROYED).order_by("id"))
