"""How a request ends: fulfilled, refused or withdrawn. Its thread is closed with it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.sealing import seal
from governance.audit.services import close_thread
from governance.errors import Conflict, Invalid
from governance.intake.grounds import GROUNDS, allowed_now
from governance.intake.models import ErasureRequest
from governance.intake.receiving import require_person
from governance.intake.scope import open_disposition
from governance.jobs.models import Disposition
from governance.lineage.models import Subject
from governance.lineage.selectors import affected_checkpoints, live_snapshots_of
from governance.lineage.services import remove_rows
from governance.transitions import move
from governance.verification.trials import trials_holding

Status = ErasureRequest.Status
WITH_SCOPE = (Status.SCOPED, Status.IN_PROGRESS)
LONGEST_REASON = 2000
TERMINAL = tuple(status for status, onward in Disposition.ALLOWED.items() if not onward)


@transaction.atomic
def refuse(*, request: ErasureRequest, ground: str, reason: str, actor: Actor) -> None:
    """Refuse on a ground of the law. The reason, in words for the person, is sealed under the case key.

    Raises:
        Forbidden: person_needed. Invalid: unknown_ground, ground_not_now, reason_missing. IllegalMove, StaleState.
    """
    require_person(actor)
    if ground not in GROUNDS:
        raise Invalid(f"A refusal needs one of the grounds {sorted(GROUNDS)}.", code="unknown_ground")
    if ground not in allowed_now(request.status):
        raise Invalid(
            f"The ground {ground} cannot be given while the request is {request.status!r}.",
            code="ground_not_now",
            remedy=f"Open now: {sorted(allowed_now(request.status))}.",
        )
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Invalid(f"Say why, in 1 to {LONGEST_REASON} characters.", code="reason_missing")
    sealed = seal(request.ref, "refusal", {"ground": ground, "reason": reason})
    body = {"ground": ground, "reason": sealed}
    end(request, Status.REFUSED, Event.REQUEST_REFUSED, actor, reason=ground, body=body, refusal_ground=ground)


@transaction.atomic
def withdraw(*, request: ErasureRequest, actor: Actor) -> None:
    """The person takes the request back; what was only decided, and not yet planned, is dropped.

    Raises:
        Conflict: already_planned: work is under way. IllegalMove, StaleState.
    """
    dispositions = Disposition.objects.select_for_update().filter(request=request)
    if any(each.status != Disposition.Status.OPEN for each in dispositions):
        raise Conflict(
            f"Request {request.ref} is part of a plan.",
            code="already_planned",
            remedy="Discard the plan first; once it is confirmed, the erasure goes through.",
        )
    end(request, Status.WITHDRAWN, Event.REQUEST_MOVED, actor, reason="", body={"dropped": len(dispositions)})
    dispositions.delete()


@transaction.atomic
def fulfil_if_done(*, request: ErasureRequest, actor: Actor) -> bool:
    """Close the request when nothing of the person is left; False while something is.

    Nothing is left when every disposition has ended, no live checkpoint learned from the person, no stored
    snapshot holds a row of theirs, and no trial of a recipe does. A checkpoint that came up since the scope was
    confirmed gets its disposition here.
    """
    row = ErasureRequest.objects.select_for_update().get(pk=request.pk)
    if row.status not in WITH_SCOPE or row.subject is None:
        return False
    known = set(row.dispositions.values_list("checkpoint_id", flat=True))
    for checkpoint in affected_checkpoints(row.subject).exclude(pk__in=known):
        open_disposition(row, checkpoint, actor)
    if row.dispositions.exclude(status__in=TERMINAL).exists() or not nothing_left(row.subject):
        return False
    plans = row.dispositions.exclude(plan=None).values_list("plan__ref", flat=True)
    body = {"plans": sorted(set(plans)), "dispositions": row.dispositions.count()}
    end(row, Status.FULFILLED, Event.REQUEST_FULFILLED, actor, reason="", body=body)
    request.refresh_from_db()
    return True


def nothing_left(subject: Subject) -> bool:
    unmarked = subject.records.filter(erased_at=None).exists()
    stored = live_snapshots_of(subject).exists() or trials_holding(subject).exists()
    return not (unmarked or affected_checkpoints(subject).exists() or stored)


def remove_records(*, request: ErasureRequest, actor: Actor) -> bool:
    """Erase the rows of a person whom no model learned from (any more), and fulfil the request.

    Call it outside a transaction: what it destroys stays destroyed.

    Raises:
        Forbidden: person_needed. Conflict: scope_needed, models_affected, trial_under_way.
    """
    require_person(actor)
    request.refresh_from_db()
    if request.status not in WITH_SCOPE or request.subject is None:
        raise Conflict(
            f"Request {request.ref} is {request.status!r}.", code="scope_needed", remedy="Confirm its scope first."
        )
    if (trial := trials_holding(request.subject).first()) is not None:
        raise Conflict(
            f"Trial {trial.ref} of a recipe still works on rows of this person.",
            code="trial_under_way",
            remedy="Wait until it has ended and its models are destroyed, a minute later; or cancel its jobs.",
        )
    remove_rows(subject=request.subject, at=timezone.now(), thread=request.ref, actor=actor)
    return fulfil_if_done(request=request, actor=actor)


def end(
    request: ErasureRequest,
    to: str,
    event: str,
    actor: Actor,
    *,
    reason: str,
    body: dict[str, Any],
    **changes: Any,
) -> None:
    move(request, to, actor=actor, event=event, reason=reason, body=body, closed_at=timezone.now(), **changes)
    close_thread(request.ref, actor=actor)
