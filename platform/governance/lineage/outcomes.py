"""What a recorded training job means to lineage. Called in the transaction of the record (governance.jobs.outcomes)."""

from django.db import transaction

from governance.actors import WORKER
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Conflict
from governance.jobs.models import Job
from governance.lineage.models import Checkpoint, Snapshot


@transaction.atomic
def checkpoint_from(job: Job) -> Checkpoint:
    """The checkpoint that a job's run brought back, with its ledger. Whatever purpose: the job must have a run.

    Raises:
        Conflict: no_weights: the job has no run, or came back without weights. snapshot_gone: what it learned from
            was destroyed or holds an erased person meanwhile; the weights are dropped with the record.
    """
    if job.run is None or not job.weights:
        raise Conflict(f"Job {job.ref} brought back no weights for a training run.", code="no_weights")
    snapshot = job.run.snapshot
    if snapshot is not None and is_gone(snapshot):
        raise Conflict(f"What job {job.ref} learned from was erased while it ran.", code="snapshot_gone")
    checkpoint = Checkpoint.objects.create(
        model=job.run.model, run=job.run, object_digest=job.weights, ledger=(job.result or {}).get("ledger")
    )
    body = {"checkpoint": checkpoint.ref, "model": job.run.model.ref, "job": job.ref, "weights": job.weights}
    append(Event.CHECKPOINT_REGISTERED, thread=checkpoint.ref, actor=WORKER, body=body)
    return checkpoint


def is_gone(snapshot: Snapshot) -> bool:
    """Whether a model that learned from this version would hold somebody who was erased."""
    return snapshot.destroyed_at is not None or snapshot.members.filter(record__erased_at__isnull=False).exists()
