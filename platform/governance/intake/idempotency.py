"""One key, one act, one answer: asking again cannot make a second case."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from evidence.canonical import canonical_bytes
from governance.actors import Actor
from governance.errors import Conflict, Invalid
from governance.intake.models import IdempotencyKey

Answer = tuple[int, dict[str, Any]]
KEY = re.compile(r"[\x21-\x7e]{1,120}")


def answered_once(
    *, actor: Actor, key: str, fingerprint: str, act: Callable[[], Answer]
) -> tuple[int, dict[str, Any], bool]:
    """Do `act` once for this caller and key; later calls get the stored answer. Returns (status, body, replayed).

    The key's row, the act and its answer are one transaction: an act that raises leaves no key and may be tried again.
    `fingerprint` is a digest of the request as it came (method, path, body); `body` must be JSON.

    Raises:
        Invalid: bad_idempotency_key; idempotency_mismatch: the key came before with another request.
        Conflict: idempotency_in_flight: the first call with this key has not ended.
        Whatever `act` raises.
    """
    if not KEY.fullmatch(key):
        raise Invalid(
            "An idempotency key has 1 to 120 printable ASCII characters without blanks.",
            code="bad_idempotency_key",
            remedy="Use a fresh random UUID for each new request.",
        )
    with transaction.atomic():
        take_turn(actor, key)
        row, new = IdempotencyKey.objects.get_or_create(
            client=actor.client, user=actor.user, key=key, defaults={"fingerprint": fingerprint}
        )
        if not new:
            return replay(row, fingerprint)
        row.status, row.body = act()
        row.save(update_fields=["status", "body"])
        return row.status, row.body, False


def take_turn(actor: Actor, key: str) -> None:
    """Hold the caller's key until commit, or say at once that somebody else does: waiting would use up the threads."""
    client, user = actor.client and actor.client.pk, actor.user and actor.user.pk
    name = hashlib.sha256(canonical_bytes(["idempotency", client, user, key])).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(name[:8], "big", signed=True)])
        (mine,) = cursor.fetchone()
    if not mine:
        raise Conflict(
            "The first request with this idempotency key is still being carried out.",
            code="idempotency_in_flight",
            remedy="Wait a second and send the same request again.",
        )


def replay(row: IdempotencyKey, fingerprint: str) -> tuple[int, dict[str, Any], bool]:
    if row.fingerprint != fingerprint:
        raise Invalid(
            "This idempotency key was used before with another request.",
            code="idempotency_mismatch",
            remedy="Use a new key for a new request.",
        )
    if row.status is None or row.body is None:
        raise Conflict("The first request with this key has no answer.", code="idempotency_in_flight")
    return row.status, row.body, True
