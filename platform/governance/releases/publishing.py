"""Publishing a signed release: it supersedes the old one, and the ledger learns that everybody may hold a copy."""

from django.db import transaction
from django.utils import timezone

from evidence.canonical import digest
from governance.actors import WORKER
from governance.audit.models import Event
from governance.jobs.models import Plan
from governance.lineage.models import Checkpoint, TrainedModel
from governance.releases.gate import require_open
from governance.releases.models import Release
from governance.releases.services import thread_of
from governance.transitions import move
from unlearning.accounting import Ledger, Released


@transaction.atomic
def publish(release: Release, *, signature: str) -> Release:
    """Record the signature and publish, in one transaction; a second signer finds it done.

    Raises:
        StaleState: another signer was first. GateShut: the gate has closed since (a verdict, a cap).
    """
    # One release of a model at a time: two that were judged against the cap at once would each leave out the other.
    TrainedModel.objects.select_for_update(of=("self",)).get(checkpoints=release.checkpoint_id)
    release = Release.objects.select_for_update().get(pk=release.pk)
    checkpoint = release.checkpoint
    require_open(checkpoint, release.policy)
    thread = thread_of(release)
    certificate = getattr(checkpoint, "certificate", None)
    body = {
        "release": checkpoint.object_digest,
        "weights": checkpoint.object_digest,
        "signature": digest(signature.encode()),
        "certificate": certificate.digest if certificate else None,
    }
    move(
        release,
        Release.Status.PUBLISHED,
        actor=WORKER,
        event=Event.RELEASE_PUBLISHED,
        thread=thread,
        body=body,
        signature=signature,
        published_at=timezone.now(),
    )
    supersede_older(release)
    move(checkpoint, Checkpoint.Status.RELEASED, actor=WORKER, event=Event.RELEASE_MOVED)
    write_released(checkpoint, release)
    if release.plan:
        move(release.plan, Plan.Status.PUBLISHED, actor=WORKER, event=Event.PLAN_MOVED)
    return release


def write_released(checkpoint: Checkpoint, release: Release) -> None:
    """A fact, not a price: from here on every holder may keep this model."""
    if checkpoint.ledger is None:
        return
    ledger = Ledger.from_dict(checkpoint.ledger).then(Released(release=release.ref))
    Checkpoint.objects.filter(pk=checkpoint.pk).update(ledger=ledger.to_dict())


def supersede_older(release: Release) -> None:
    model = release.checkpoint.model
    for old in Release.objects.filter(checkpoint__model=model, status=Release.Status.PUBLISHED).exclude(pk=release.pk):
        move(old, Release.Status.SUPERSEDED, actor=WORKER, event=Event.RELEASE_MOVED, thread=f"{old.ref}")
        if old.checkpoint.status == Checkpoint.Status.RELEASED:
            move(old.checkpoint, Checkpoint.Status.SUPERSEDED, actor=WORKER, event=Event.RELEASE_MOVED)
