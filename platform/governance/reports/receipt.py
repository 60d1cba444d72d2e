"""A receipt: one person's own proof, offline, that their request is in the log, whole, and about them."""

from evidence.bundle import bundle_bytes
from evidence.canonical import Json, canonical_bytes, parse_canonical
from governance.audit.models import Event
from governance.audit.sealing import case_key, unseal
from governance.errors import Conflict
from governance.intake.models import ErasureRequest
from governance.reports.trail import thread_members

IDENTITY = "identity"


def receipt(*, request: ErasureRequest) -> bytes:
    """The receipt of a fulfilled request. It names the person: hand it to that person only.

    With it goes the key of this one request. It opens the commitments of this request's own trail and nothing else.

    Raises:
        Conflict: the request is not fulfilled.
        Destroyed: the case's key is gone, so nobody can show any more whom the request was about.
    """
    if request.status != ErasureRequest.Status.FULFILLED:
        raise Conflict(
            f"Request {request.ref} is {request.get_status_display().lower()}: a receipt is for a fulfilled request.",
            code="not_fulfilled",
        )
    members = thread_members(request.ref)
    opening = {
        "index": received_at(members["log/entries.json"]),
        "field": IDENTITY,
        "key_hex": case_key(request.ref).hex(),
        "payload": unseal(request.ref, IDENTITY),
    }
    members["openings.json"] = canonical_bytes([opening])
    return bundle_bytes(kind="receipt", thread=request.ref, members=members)


def received_at(entries: bytes) -> int:
    """The leaf number of the entry that took the request in: it commits to the identifier."""
    lines: Json = parse_canonical(entries)
    [found] = [line["index"] for line in lines if line["entry"]["event"] == Event.REQUEST_RECEIVED.value]
    return int(found)
