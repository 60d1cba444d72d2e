"""Destroying weights on a plan's list: the rows that are the plan's own, and the bytes unless others stand on them."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from evidence.canonical import parse_canonical
from governance.actors import TICK
from governance.audit.models import Entry, Event
from governance.jobs.models import Plan
from governance.lineage.models import Checkpoint
from governance.objects.destruction import destroy
from governance.objects.models import StoredObject
from governance.releases import sharing
from governance.releases.held import held_by
from governance.releases.models import DestructionItem
from governance.transitions import move

Kind = DestructionItem.Kind
WEIGHTS = (Kind.WEIGHTS, Kind.CANDIDATE, Kind.REFERENCE)


@transaction.atomic
def destroy_weights(item: DestructionItem) -> None:
    """The plan's own rows of these weights, and the bytes unless something that never learned from its people has them.

    What lost every adapter has the bytes of its base; retraining without people who stood in no adapter any more gives
    what was there; and another model may have been trained alike.

    Raises:
        NotYetError: another model with these bytes must be erased or withdrawn first.
    """
    same = sharing.same_bytes(item.target)
    sharing.lock(same)
    kept = sharing.keepers(same, item.plan)
    for checkpoint in own_rows(item):
        body: dict[str, Any] = {"weights": checkpoint.object_digest, **({"kept_for": kept} if kept else {})}
        move(
            checkpoint,
            Checkpoint.Status.DESTROYED,
            actor=TICK,
            event=Event.CHECKPOINT_DESTROYED,
            body=body,
            destroyed_at=timezone.now(),
        )
    if not kept:
        for digest in same:
            destroy(digest)


def own_rows(item: DestructionItem) -> list[Checkpoint]:
    """Checkpoints of the plan's model with these bytes that learned from its people, or were given up."""
    found = Checkpoint.objects.filter(model=item.plan.model, object_digest=item.target)
    gone, discarded = Checkpoint.Status.DESTROYED, Checkpoint.Status.DISCARDED
    mine = Q(pk__in=held_by(item.plan).values("pk")) | Q(status=discarded)
    return list(found.filter(mine).exclude(status=gone).order_by("id"))


@transaction.atomic
def destroy_reference(item: DestructionItem) -> None:
    """A retrained reference never learned from the plan's people: whoever else has its bytes keeps them."""
    sharing.lock([item.target])
    if not sharing.needed([item.target], thread=item.plan.ref):
        destroy(item.target)


def kept_of(plan: Plan) -> list[str]:
    """What stayed when the list was done, as the log says; before that, what stays as things are."""
    done = Entry.objects.filter(thread=plan.ref, event=Event.DESTRUCTION_COMPLETED).first()
    if done is None:
        return still_stored(plan)
    kept: list[str] = parse_canonical(bytes(done.leaf))["body"].get("kept", [])
    return kept


def still_stored(plan: Plan) -> list[str]:
    """Digests on the list that are there all the same, for something that never learned from the plan's people."""
    targets = plan.destruction.filter(kind__in=WEIGHTS).values("target")
    there = StoredObject.objects.filter(digest__in=targets).exclude(status=StoredObject.Status.DESTROYED)
    return sorted(there.values_list("digest", flat=True))
