"""HMAC commitments: what the log says about a person without naming one.

A commitment is HMAC-SHA-256 under a random 32-byte key of the case over the payload's canonical JSON. It hides while
the key is secret, it binds for ever, and once the key is destroyed nobody can open it again.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from evidence.canonical import Json, canonical_bytes

KEY_SIZE = 32
_COMMITMENT = re.compile(r"hmac:[0-9a-f]{64}", re.ASCII)


class CommitmentKeyError(ValueError):
    """A case key of another length than 32 bytes; use the key the case was opened with."""


def commit(*, key: bytes, payload: Json) -> str:
    """The commitment `hmac:<64 hex>` to a JSON payload under a 32-byte key.

    Raises:
        CommitmentKeyError: the key is not 32 bytes.
        CanonicalError: the payload is not JSON.
    """
    if len(key) != KEY_SIZE:
        raise CommitmentKeyError(f"expected a case key of {KEY_SIZE} bytes, found {len(key)}; use the case's own key")
    return "hmac:" + hmac.new(key, canonical_bytes(payload), hashlib.sha256).hexdigest()


def opens(commitment: object, *, key: bytes, payload: Json) -> bool:
    """Whether this commitment was made to this payload under this key. Raises: as `commit`."""
    return isinstance(commitment, str) and hmac.compare_digest(
        commitment.encode("utf-8", "surrogatepass"), commit(key=key, payload=payload).encode()
    )


def is_commitment(value: object) -> bool:
    """Whether this is a commitment as `commit` writes it."""
    return isinstance(value, str) and _COMMITMENT.fullmatch(value) is not None
