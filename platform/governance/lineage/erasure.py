"""What lineage forgets when a person's rows are destroyed. Called in the transaction that records the destruction."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from evidence.canonical import digest_json
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Conflict
from governance.lineage.datasets import snapshot_without
from governance.lineage.models import ErasedRecord, Record, Snapshot, SnapshotRow, Subject
from governance.lineage.selectors import affected_checkpoints, live_snapshots_of, records_of
from governance.objects.destruction import destroy


@transaction.atomic
def forget(*, records: Collection[Record], at: datetime) -> None:
    """Mark records erased for good: their ids may not come back, and their salts go, in every snapshot.

    A person with no record left is erased too.
    """
    ids = [record.pk for record in records]
    people = list(Subject.objects.select_for_update().filter(records__in=ids).order_by("pk"))
    ErasedRecord.objects.bulk_create(
        [ErasedRecord(dataset_id=record.dataset_id, rid=record.rid) for record in records], ignore_conflicts=True
    )
    Record.objects.filter(pk__in=ids, erased_at=None).update(erased_at=at)
    SnapshotRow.objects.filter(record__in=ids).update(salt=None)
    done = Subject.objects.filter(pk__in=[person.pk for person in people]).exclude(records__erased_at=None)
    done.filter(erased_at=None).update(erased_at=at)


@transaction.atomic
def retire(snapshot: Snapshot, *, at: datetime) -> None:
    """Destroy a snapshot's object and all its salts. Its root and leaves stay, and say nothing any more."""
    destroy(snapshot.object_digest)
    SnapshotRow.objects.filter(snapshot=snapshot).update(salt=None)
    Snapshot.objects.filter(pk=snapshot.pk).update(destroyed_at=at)
    snapshot.refresh_from_db()


def remove_rows(*, subject: Subject, at: datetime, thread: str, actor: Actor) -> list[Snapshot]:
    """Erase a person whom no model learned from: each snapshot that holds them gives way to one that does not.

    Two transactions, because shredding cannot be undone: the new snapshots are committed before an old one goes, and
    a second call finishes what a crash left. Returns the snapshots destroyed.

    Raises:
        Conflict: models_affected: a model learned from this person, so the way is a plan.
    """
    replace_snapshots(subject, actor)
    return destroy_rows(subject, at, thread, actor)


@transaction.atomic
def replace_snapshots(subject: Subject, actor: Actor) -> None:
    refuse_when_affected(subject)
    for snapshot in live_snapshots_of(subject):
        replaced = snapshot.children.filter(destroyed_at=None).exclude(members__record__subject=subject).exists()
        if not replaced and snapshot.members.exclude(record__subject=subject).exists():
            snapshot_without(snapshot=snapshot, records=list(records_of(subject)), actor=actor)


@transaction.atomic
def destroy_rows(subject: Subject, at: datetime, thread: str, actor: Actor) -> list[Snapshot]:
    # The lock keeps a new snapshot with this person out until the erasure is recorded.
    Subject.objects.select_for_update().get(pk=subject.pk)
    refuse_when_affected(subject)
    old = list(live_snapshots_of(subject))
    for snapshot in old:
        retire(snapshot, at=at)
    forget(records=list(records_of(subject)), at=at)
    items = [snapshot.ref for snapshot in old]
    body = {"items": len(items), "list": digest_json({"snapshots": items})}
    append(Event.DESTRUCTION_COMPLETED, thread=thread, actor=actor, body=body)
    return old


def refuse_when_affected(subject: Subject) -> None:
    if affected_checkpoints(subject).exists():
        raise Conflict(
            "A model learned from this person.", code="models_affected", remedy="Make a plan for each model it touches."
        )
