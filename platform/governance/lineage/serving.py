"""What was made from a checkpoint elsewhere, and where checkpoints are served."""

from contextlib import suppress

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Conflict, Destroyed, Invalid
from governance.lineage.models import Checkpoint, Deployment, Descent, TrainedModel
from governance.lineage.selectors import INHERITING
from unlearning.accounting import AccountingError, Ledger, Released


@transaction.atomic
def add_descendant(*, parent: Checkpoint, child: Checkpoint, kind: str, actor: Actor) -> Descent:
    """Say that a checkpoint was made from another one. Saying it twice changes nothing.

    Raises:
        Invalid: unknown_kind, or descent_ring: the parent itself comes from the child.
    """
    if kind not in Descent.Kind.values:
        raise Invalid(f"The kind of descent is one of {sorted(Descent.Kind.values)}.", code="unknown_kind")
    # One at a time: two edges added at once could close a ring that neither sees.
    list(Checkpoint.objects.select_for_update().filter(pk__in=[parent.pk, child.pk]).order_by("pk"))
    if parent.pk == child.pk or parent.pk in offspring(child):
        raise Invalid(
            f"{parent.ref} comes from {child.ref}; a checkpoint cannot come from itself.",
            code="descent_ring",
            remedy="Exchange parent and child.",
        )
    edge, made = Descent.objects.get_or_create(parent=parent, child=child, kind=kind)
    if made:
        body = {"checkpoint": child.ref, "parent": parent.ref, "kind": kind}
        append(Event.CHECKPOINT_REGISTERED, thread=child.ref, actor=actor, body=body)
        if kind in INHERITING:
            write_got_out(Checkpoint.objects.filter(pk=parent.pk), to=child.ref)
    return edge


def offspring(checkpoint: Checkpoint) -> set[int]:
    found: set[int] = set()
    edge = {checkpoint.pk}
    while edge:
        edge = set(Descent.objects.filter(parent__in=edge).values_list("child_id", flat=True)) - found
        found |= edge
    return found


@transaction.atomic
def register_deployment(*, name: str, model: TrainedModel, actor: Actor) -> Deployment:
    """A place where a model is served, before it has reported anything.

    Raises:
        Conflict: name_taken.
    """
    try:
        with transaction.atomic():
            deployment = Deployment.objects.create(name=name, model=model)
    except IntegrityError as error:
        raise Conflict("There is already a deployment of that name.", code="name_taken") from error
    body = {"deployment": deployment.ref, "model": model.ref}
    append(Event.DEPLOYMENT_REGISTERED, thread=deployment.ref, actor=actor, body=body)
    return deployment


def report_deployment(*, deployment: Deployment, digest: str, actor: Actor) -> Deployment:
    """Note which digest a deployment says it has loaded. The same report again only renews its time.

    A report that is refused is logged all the same: somewhere, weights are served that must not be.

    Raises:
        Invalid: unknown_digest: no checkpoint of this model has it. Destroyed: it must not be served any more.
        Conflict: being_destroyed: the destruction of the old weights has begun; load the release.
    """
    try:
        return note(deployment, digest, actor)
    except (Destroyed, Conflict) as refusal:
        body = {"deployment": deployment.ref, "refused": digest, "code": refusal.code}
        append(Event.DEPLOYMENT_REPORTED, thread=deployment.ref, actor=actor, body=body)
        raise


@transaction.atomic
def note(deployment: Deployment, digest: str, actor: Actor) -> Deployment:
    row = Deployment.objects.select_for_update().get(pk=deployment.pk)
    refuse_unfit(row, digest)
    write_got_out(Checkpoint.objects.filter(model=row.model, object_digest=digest), to=row.ref)
    changed = row.serving != digest
    row.serving, row.reported_at = digest, timezone.now()
    row.save(update_fields=["serving", "reported_at"])
    if changed:
        body = {"deployment": row.ref, "weights": digest}
        append(Event.DEPLOYMENT_REPORTED, thread=row.ref, actor=actor, body=body)
    return row


def write_got_out(checkpoints: QuerySet[Checkpoint], *, to: str) -> None:
    """What is served, or was copied elsewhere, is out, released or not: its ledger says so before a cap is asked.

    to: the deployment or the copy, by reference.
    """
    for checkpoint in checkpoints.select_for_update().exclude(ledger=None).order_by("pk"):
        with suppress(AccountingError):  # a ledger that nobody can read must not keep a report from being noted
            ledger = Ledger.from_dict(checkpoint.ledger)
            if ledger.events and not isinstance(ledger.events[-1], Released):
                known = ledger.then(Released(release=to)).to_dict()
                Checkpoint.objects.filter(pk=checkpoint.pk).update(ledger=known)


def refuse_unfit(deployment: Deployment, digest: str) -> None:
    found = Checkpoint.objects.filter(model=deployment.model, object_digest=digest)
    if not found.exists():
        raise Invalid(
            f"No checkpoint of model {deployment.model.ref} has the digest reported.",
            code="unknown_digest",
            remedy="Load a release of this model, or register the checkpoint that is being served.",
        )
    if not found.exclude(status=Checkpoint.Status.DESTROYED).exists():
        raise Destroyed(
            f"The checkpoint that {deployment.ref} reports was destroyed.", remedy="Load the release that replaced it."
        )
    destroying = deployment.model.plans.filter(status="destroying").first()
    if destroying is not None and not found.filter(status=Checkpoint.Status.RELEASED).exists():
        raise Conflict(
            f"The destruction of what {deployment.ref} reports has begun ({destroying.ref}).",
            code="being_destroyed",
            remedy="Load the release that replaced it.",
        )
