"""Looking at who asked: after identity is proved, by a privacy officer, with an entry in the log each time."""

from django.db import transaction

from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.sealing import case_key, unseal
from governance.audit.services import append
from governance.errors import Conflict
from governance.intake.models import ErasureRequest

SEALED_AS = "identity"  # the name intake seals it under


def reading_thread(request: ErasureRequest) -> str:
    """Readings have a thread of their own: the case's is closed when it ends, and may still be read afterwards."""
    return f"read_{request.ref}"


@transaction.atomic
def reveal_identifier(*, request: ErasureRequest, actor: Actor) -> str:
    """The identifier that came with the request, in clear. The entry says that it was read, never what it says.

    Raises:
        Conflict: identity is not proved. Destroyed: the case's key is gone. NotFound: nothing is sealed.
    """
    if not may_be_revealed(request):
        raise Conflict(
            "Identity is not proved yet; until then nobody is told who is named in the request.",
            code="identity_not_proved",
            remedy="Prove identity first.",
        )
    case_key(request.ref)  # says Destroyed, where a missing ciphertext would say only NotFound
    value = unseal(request.ref, SEALED_AS)
    append(Event.REPORT_READ, thread=reading_thread(request), actor=actor, body={"request": request.ref})
    return str(value.get("identifier", "")) if isinstance(value, dict) else str(value)


def may_be_revealed(request: ErasureRequest) -> bool:
    status = ErasureRequest.Status
    return request.status in (status.IDENTIFIED, status.SCOPED, status.IN_PROGRESS, status.FULFILLED)
