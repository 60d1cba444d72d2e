"""What must be gone before a certificate may start: everything that saw the records and everything made on the way."""

from django.db.models import Q

from governance.audit.models import Sealed
from governance.jobs.models import Job, Plan
from governance.jobs.people import records_of
from governance.lineage import selectors
from governance.lineage.models import Checkpoint, Snapshot, SnapshotRow
from governance.releases.held import goes_by_itself, held_by
from governance.releases.models import DestructionItem

Kind = DestructionItem.Kind
AT_WORK = (Plan.Status.UNLEARNING, Plan.Status.VERIFYING, Plan.Status.STOPPED)


def list_for(plan: Plan) -> list[tuple[str, str]]:
    """(kind, target) in the order of destruction: weights first, then rows, then what the work left."""
    return [
        *[(Kind.WEIGHTS, c.object_digest) for c in holding_checkpoints(plan)],
        *lost_weights(plan),
        *[(Kind.SNAPSHOT, s.ref) for s in holding_snapshots(plan)],
        *traces_of_work(plan),
    ]


def lost_weights(plan: Plan) -> list[tuple[str, str]]:
    """Candidates that lost and retrained references; the candidate itself too, once it was discarded."""
    kept = plan.candidate
    digest = kept.object_digest if kept and kept.status != Checkpoint.Status.DISCARDED else ""
    jobs = plan.jobs.exclude(weights__in=["", digest]).order_by("id")
    kinds = {Job.Purpose.REFERENCE: Kind.REFERENCE}
    return [(kinds.get(Job.Purpose(job.purpose), Kind.CANDIDATE), job.weights) for job in jobs]


def traces_of_work(plan: Plan) -> list[tuple[str, str]]:
    """Folders of this plan's jobs and of the trainings that saw the rows, and what was measured on them."""
    holding = SnapshotRow.objects.filter(record__in=records_of(plan)).values("snapshot")
    jobs = list(Job.objects.filter(Q(plan=plan) | Q(run__snapshot__in=holding)).distinct().order_by("id"))
    sealed = set(Sealed.objects.filter(case_id=plan.ref).values_list("name", flat=True))
    measured = [job for job in jobs if f"measurements/{job.ref}" in sealed]
    return [*[(Kind.JOB_FOLDER, job.ref) for job in jobs], *[(Kind.MEASUREMENTS, job.ref) for job in measured]]


def holding_snapshots(plan: Plan) -> list[Snapshot]:
    """Every stored version of the dataset that holds one of the records."""
    holding = SnapshotRow.objects.filter(record__in=records_of(plan)).values("snapshot")
    return list(Snapshot.objects.filter(pk__in=holding, destroyed_at=None).order_by("id"))


def needed_by(snapshot: Snapshot, plan: Plan) -> list[str]:
    """Who still has to start from this version: other models' plans, and jobs that are under way."""
    return sorted(
        {*other_models(snapshot, plan), *living_copies(plan), *other_plans(snapshot, plan), *open_jobs(snapshot)}
    )


def other_plans(snapshot: Snapshot, plan: Plan) -> list[str]:
    """Plans that were begun on this version; a stopped one may still climb to retraining on it."""
    at_work = Plan.objects.filter(new_snapshot=snapshot, status__in=AT_WORK)
    return list(at_work.exclude(pk=plan.pk).values_list("ref", flat=True))


def open_jobs(snapshot: Snapshot) -> list[str]:
    """Jobs whose inputs name the object; few are open at a time."""
    under_way = Job.objects.exclude(status__in=Job.FINAL)
    return [job.ref for job in under_way if names(job, snapshot.object_digest)]


def names(job: Job, digest: str) -> bool:
    return any(entry["digest"] == digest for entry in job.spec["inputs"].values())


def other_models(snapshot: Snapshot, plan: Plan) -> list[str]:
    """Models whose live checkpoints learned from this version: their own plans still have to start from it."""
    live = Checkpoint.objects.filter(run__snapshot=snapshot).exclude(model=plan.model).select_related("model")
    live = live.exclude(status__in=(Checkpoint.Status.DESTROYED, Checkpoint.Status.DISCARDED))
    # What is on another plan's list already starts nothing any more, and may itself be waiting for this one.
    return sorted({checkpoint.model.ref for checkpoint in live if not goes_by_itself(checkpoint)})


def holding_checkpoints(plan: Plan) -> list[Checkpoint]:
    """Checkpoints of this model that learned from the records, as far as anyone knows; the released candidate apart."""
    return list(held_by(plan).exclude(status=Checkpoint.Status.DESTROYED).order_by("id"))


def living_copies(plan: Plan) -> list[str]:
    """Models made from the plan's old weights that are still there: number A is not about a world that has them."""
    live = selectors.living_copies(held_by(plan).values_list("pk", flat=True)).exclude(model=plan.model)
    return sorted(set(live.values_list("model__ref", flat=True)))
