"""A random key per case: commitments that hide, personal data that dies with its key."""

import hashlib
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from evidence import commitments
from evidence.canonical import canonical_bytes, parse_canonical
from governance.actors import Actor
from governance.audit.models import CaseKey, Event, Sealed
from governance.audit.services import append
from governance.env import key_file
from governance.errors import Destroyed, NotFound

NONCE = 12


def key_encryption_key() -> bytes:
    return key_file(settings.KEYS, "kek")


def case_key(case_ref: str) -> bytes:
    """The case's own 32 random bytes, made on first use.

    Raises:
        Destroyed: the key is gone, and with it everything sealed under it.
    """
    row = CaseKey.objects.filter(case_ref=case_ref).first()
    if row is None:
        fresh = wrap(os.urandom(32), case_ref)
        row, _ = CaseKey.objects.get_or_create(case_ref=case_ref, defaults={"wrapped": fresh})
    if row.wrapped is None:
        raise Destroyed(f"The key of case {case_ref} was destroyed; what it sealed cannot be read by anyone.")
    return unwrap(bytes(row.wrapped), case_ref)


def wrap(data: bytes, name: str, key: bytes | None = None) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key or key_encryption_key()).encrypt(nonce, data, name.encode())


def unwrap(data: bytes, name: str, key: bytes | None = None) -> bytes:
    return AESGCM(key or key_encryption_key()).decrypt(data[:NONCE], data[NONCE:], name.encode())


def commit(case_ref: str, payload: Any) -> str:
    """HMAC-SHA-256 under the case key: says nothing without the key, and nothing to anyone once it is gone."""
    return commitments.commit(key=case_key(case_ref), payload=payload)


def seal(case_ref: str, name: str, payload: Any) -> str:
    """Encrypt a payload under its case key; returns the commitment for the log."""
    key = case_key(case_ref)
    ciphertext = wrap(canonical_bytes(payload), f"{case_ref}/{name}", key)
    Sealed.objects.update_or_create(case_id=case_ref, name=name, defaults={"ciphertext": ciphertext})
    return commit(case_ref, payload)


def unseal(case_ref: str, name: str) -> Any:
    if CaseKey.objects.filter(case_ref=case_ref, wrapped=None).exists():
        raise Destroyed(f"The key of case {case_ref} was destroyed; what it sealed cannot be read by anyone.")
    row = Sealed.objects.filter(case_id=case_ref, name=name).first()
    if row is None:
        raise NotFound(f"Nothing called {name} is sealed in case {case_ref}.")
    return parse_canonical(unwrap(bytes(row.ciphertext), f"{case_ref}/{name}", case_key(case_ref)))


@transaction.atomic
def destroy_case_key(case_ref: str, *, actor: Actor) -> None:
    """End of a case: its key and ciphertexts go; entries, proofs and heads stay valid."""
    fingerprint = hashlib.sha256(b"obelus/key-fingerprint/1" + case_key(case_ref)).hexdigest()
    append(
        Event.KEY_DESTROYED, thread=f"key_{case_ref.rpartition('_')[2]}", actor=actor, body={"fingerprint": fingerprint}
    )
    Sealed.objects.filter(case_id=case_ref).delete()
    CaseKey.objects.filter(case_ref=case_ref).update(wrapped=None, destroyed_at=timezone.now())
