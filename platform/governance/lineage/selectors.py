"""Questions of lineage: whom a model learned from, and what a person's erasure touches."""

from collections.abc import Collection

from django.db import connection
from django.db.models import QuerySet

from governance.lineage.models import Checkpoint, Deployment, Descent, Record, Snapshot, Subject
from governance.lineage.snapshots import absence_proof, presence_proof

__all__ = [
    "absence_proof",
    "affected_checkpoints",
    "deployments_serving",
    "live_snapshots_of",
    "living_copies",
    "presence_proof",
    "records_of",
    "rows_of",
]

GONE = (Checkpoint.Status.DESTROYED, Checkpoint.Status.DISCARDED)
# An unlearned or retrained child is judged by its own snapshot; these carry on whatever their parent learned.
INHERITING = (Descent.Kind.FINETUNED, Descent.Kind.DISTILLED, Descent.Kind.QUANTIZED)

# `touched` goes on through checkpoints that are gone: what was made from one may still be served. UNION, not UNION
# ALL, so that it ends even on a graph that someone has bent into a ring.
AFFECTED = """
WITH RECURSIVE touched(id) AS (
    SELECT c.id FROM lineage_checkpoint c
    JOIN lineage_trainingrun r ON r.id = c.run_id
    JOIN lineage_trainedmodel m ON m.id = c.model_id
    WHERE EXISTS (
        SELECT 1 FROM lineage_snapshotrow p JOIN lineage_record q ON q.id = p.record_id
        WHERE p.snapshot_id = r.snapshot_id AND q.subject_id = %s
    ) OR (r.snapshot_id IS NULL AND EXISTS (
        SELECT 1 FROM lineage_record q WHERE q.dataset_id = m.dataset_id AND q.subject_id = %s
    ))
    UNION
    SELECT d.child_id FROM lineage_descent d JOIN touched t ON t.id = d.parent_id WHERE d.kind = ANY(%s)
)
SELECT id FROM touched
"""


def affected_checkpoints(subject: Subject) -> QuerySet[Checkpoint]:
    """Every checkpoint still there that learned from this person, itself or through what it was made from.

    A checkpoint trained elsewhere on an unknown version of a dataset counts for everyone in that dataset: in doubt,
    affected. One whose dataset is unknown too is beyond lineage, and its gaps say so.
    """
    with connection.cursor() as cursor:
        cursor.execute(AFFECTED, [subject.pk, subject.pk, [kind.value for kind in INHERITING]])
        ids = [row[0] for row in cursor.fetchall()]
    return Checkpoint.objects.filter(pk__in=ids).exclude(status__in=GONE).order_by("pk")


def records_of(subject: Subject) -> QuerySet[Record]:
    return Record.objects.filter(subject=subject).order_by("dataset_id", "slot")


def live_snapshots_of(subject: Subject) -> QuerySet[Snapshot]:
    """Snapshots whose object still holds a row of this person."""
    return Snapshot.objects.filter(destroyed_at=None, members__record__subject=subject).distinct().order_by("pk")


def rows_of(snapshot: Snapshot, subjects: Collection[Subject]) -> list[int]:
    """The row indexes of these people in a snapshot's object, sorted: what a job's forget manifest names."""
    members = snapshot.members.filter(record__subject__in=[subject.pk for subject in subjects])
    return sorted(members.values_list("row", flat=True))


def living_copies(ids: Collection[int]) -> QuerySet[Checkpoint]:
    """Checkpoints still there that carry on what these learned, these among them; `ids` are primary keys."""
    edge, seen = set(ids), set()
    while edge:
        seen |= edge
        edge = set(Descent.objects.filter(parent__in=edge, kind__in=INHERITING).values_list("child", flat=True)) - seen
    return Checkpoint.objects.filter(pk__in=seen).exclude(status__in=GONE)


def deployments_serving(checkpoint: Checkpoint) -> QuerySet[Deployment]:
    """Deployments whose last report names this checkpoint's digest."""
    return Deployment.objects.filter(model=checkpoint.model, serving=checkpoint.object_digest).order_by("pk")
