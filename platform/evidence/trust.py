"""The keys an auditor trusts, in a file that did not come with the bundle: obelus/trust/1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from evidence import strict_base64
from evidence.canonical import CanonicalError, Json, parse_strict
from evidence.notes import NoteFormatError, NoteKey, check_name
from evidence.schema import faults_of


class TrustError(ValueError):
    """A trust file that cannot be used; get it again from the party you trust."""


@dataclass(frozen=True)
class Trust:
    """Tree-head keys (Ed25519) and release keys (P-256)."""

    tree_head: tuple[NoteKey, ...]
    release: tuple[EllipticCurvePublicKey, ...]


def trust_document(*, tree_head: Iterable[NoteKey], release: Iterable[EllipticCurvePublicKey]) -> Json:
    """The trust file for these keys, for an installation to hand out apart from its bundles."""
    return {
        "format": "obelus/trust/1",
        "tree_head": [{"name": key.name, "public_key": strict_base64.encode(key.public_key)} for key in tree_head],
        "release": [key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode() for key in release],
    }


def parse_trust(data: bytes) -> Trust:
    """Read a trust file; any JSON spelling will do, people edit it by hand.

    Raises:
        TrustError: with the first thing that is wrong.
    """
    try:
        document = parse_strict(data)
        for place, expected in faults_of("trust", document):
            raise TrustError(f"expected {expected} at {place}, found another value")
        return Trust(
            tree_head=tuple(_tree_head_key(line) for line in document["tree_head"]),
            release=tuple(release_key(text) for text in document["release"]),
        )
    except (CanonicalError, NoteFormatError, strict_base64.Base64Error) as error:
        raise TrustError(str(error)) from error


def release_key(text: str) -> EllipticCurvePublicKey:
    """A P-256 public key from PEM, or from base64 of its DER. Raises: TrustError."""
    try:
        key: Any
        if text.lstrip().startswith("-----BEGIN"):
            key = load_pem_public_key(text.encode())
        else:
            key = load_der_public_key(strict_base64.decode(text))
    except Exception as error:  # cryptography raises several kinds for odd bytes; all mean the same here
        raise TrustError(f"expected a public key in PEM or base64, found {text[:40]!r}") from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise TrustError("expected a P-256 release key, found another kind; model-signing signs with P-256 here")
    return key


def _tree_head_key(line: Json) -> NoteKey:
    check_name(line["name"])
    return NoteKey(name=line["name"], public_key=strict_base64.decode(line["public_key"], size=32))
