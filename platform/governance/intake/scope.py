"""What a request covers: the one place where a request meets the data, after identity is proved."""

from django.db import transaction

from governance.actors import Actor
from governance.audit.models import Event
from governance.errors import Conflict, IllegalMove, Invalid
from governance.intake.models import ErasureRequest
from governance.intake.receiving import require_person
from governance.jobs.models import Disposition, Plan
from governance.lineage.models import Checkpoint, Subject
from governance.lineage.selectors import affected_checkpoints
from governance.transitions import move, record_change

Status = ErasureRequest.Status
ENDED_PLANS = (Plan.Status.CLOSED, Plan.Status.DISCARDED)


@transaction.atomic
def confirm_scope(*, request: ErasureRequest, actor: Actor) -> list[Disposition]:
    """Resolve the person and open one disposition for each checkpoint that learned from them.

    None of them means that no model did: `remove_records` then fulfils the request. A second request of the same
    person joins the work that the first began (docs/decisions/0010).

    Raises:
        Forbidden: person_needed. IllegalMove: identity is not proved. StaleState.
        Invalid: unknown_subject. Conflict: already_erased.
    """
    require_person(actor)
    row = ErasureRequest.objects.select_for_update().get(pk=request.pk)
    if row.status != Status.IDENTIFIED:
        # Before any look at the data: what is answered here must not depend on whether the person is there.
        raise IllegalMove(
            f"Request {row.ref} is {row.status!r}; its scope can be confirmed once, after identity is proved.",
            remedy="Prove identity first." if row.status == Status.RECEIVED else "Reload it and look again.",
        )
    subject = resolve(row)
    checkpoints = list(affected_checkpoints(subject).select_related("model"))
    body = {"checkpoints": len(checkpoints), "models": sorted({each.model.ref for each in checkpoints})}
    move(request, Status.SCOPED, actor=actor, event=Event.REQUEST_MOVED, body=body, subject=subject)
    return [open_disposition(request, checkpoint, actor) for checkpoint in checkpoints]


def resolve(request: ErasureRequest) -> Subject:
    # Locked: an erasure of the same person that is just being recorded is waited for.
    subject = Subject.objects.select_for_update().filter(index=request.subject_index).first()
    if subject is None:
        raise Invalid(
            "No dataset here knows this person.",
            code="unknown_subject",
            remedy="Ask for another identifier, or refuse with the ground no_data_held.",
        )
    if subject.erased_at is not None:
        raise Conflict(
            "This person was erased already.",
            code="already_erased",
            remedy="Refuse with the ground already_erased; the receipt of the earlier request proves it.",
        )
    return subject


def open_disposition(request: ErasureRequest, checkpoint: Checkpoint, actor: Actor) -> Disposition:
    """A disposition; already in the plan, where one for the same person is being carried out."""
    disposition = Disposition.objects.create(request=request, checkpoint=checkpoint)
    record_change(kind="Disposition", ref=disposition.ref, old="", new=disposition.status, actor=actor, reason="")
    first = running_for(request, checkpoint)
    if first is not None:
        join(disposition, first, actor)
    return disposition


def running_for(request: ErasureRequest, checkpoint: Checkpoint) -> Disposition | None:
    """Another request's disposition for the same person and checkpoint that stands in a plan still under way."""
    same = Disposition.objects.filter(
        request__subject=request.subject, checkpoint=checkpoint, status=Disposition.Status.PLANNED
    ).exclude(request=request)
    for plan in Plan.objects.select_for_update().filter(dispositions__in=same).exclude(status__in=ENDED_PLANS):
        return same.filter(plan=plan).select_related("request").first()
    return None


def join(disposition: Disposition, first: Disposition, actor: Actor) -> None:
    request = disposition.request
    move(
        disposition,
        Disposition.Status.PLANNED,
        actor=actor,
        event=Event.REQUEST_MOVED,
        thread=request.ref,
        body={"disposition": disposition.ref},
        plan=first.plan,
    )
    if first.request.status == Status.IN_PROGRESS and request.status == Status.SCOPED:
        move(request, Status.IN_PROGRESS, actor=actor, event=Event.REQUEST_MOVED)
