"""Taking a request in and proving who asks. Nothing here looks at whether the person is in the data."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.sealing import seal
from governance.audit.services import append
from governance.errors import Forbidden, Invalid
from governance.ids import new_ref
from governance.intake.clock import due_on
from governance.intake.grounds import METHODS
from governance.intake.models import ErasureRequest
from governance.intake.packs import active_pack
from governance.lineage.identifiers import subject_index
from governance.transitions import move, record_change

Status = ErasureRequest.Status
CLOCK_SKEW = timedelta(minutes=5)


@transaction.atomic
def receive(*, subject_identifier: str, law: str, actor: Actor, received_at: datetime | None = None) -> ErasureRequest:
    """Open a request; the law's clock runs from `received_at` (now, unless it came by letter).

    The identifier is sealed under the case key; the row keeps its keyed index only, and the trail neither.

    Raises:
        Invalid: bad_identifier, unknown_law, naive_time, received_in_future.
    """
    at = received_at or timezone.now()
    pack = active_pack(law)
    due = due_on(at, pack)
    if at > timezone.now() + CLOCK_SKEW:
        raise Invalid("The time of receipt lies in the future.", code="received_in_future", remedy="Check the clock.")
    ref, index = new_ref("er"), subject_index(subject_identifier)
    request = ErasureRequest.objects.create(
        ref=ref, client=actor.client, pack=pack, received_at=at, due_on=due, subject_index=index
    )
    identity = seal(ref, "identity", {"identifier": subject_identifier})
    record_change(kind="ErasureRequest", ref=ref, old="", new=Status.RECEIVED, actor=actor, reason="")
    body = {"ref": ref, "law": pack.law, "pack": pack.version, "due_on": due.isoformat(), "identity": identity}
    append(Event.REQUEST_RECEIVED, thread=ref, actor=actor, body=body)
    return request


@transaction.atomic
def prove_identity(*, request: ErasureRequest, method: str, actor: Actor) -> None:
    """A person notes how it was proved that the data subject asks.

    Raises:
        Forbidden: person_needed. Invalid: unknown_method. IllegalMove, StaleState.
    """
    require_person(actor)
    if method not in METHODS:
        raise Invalid(f"Identity is proved by one of {sorted(METHODS)}.", code="unknown_method")
    move(request, Status.IDENTIFIED, actor=actor, event=Event.REQUEST_MOVED, body={"method": method})


def require_person(actor: Actor) -> None:
    if actor.user is None:
        raise Forbidden(
            "Only a person may do this.", code="person_needed", remedy="Let a privacy officer do it in the console."
        )
