"""Signatures of model-signing 1.x with a P-256 key: in a sigstore bundle, a DSSE envelope over an in-toto statement.

Read and verified here with `cryptography` alone, because an auditor should not need the signer's library.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evidence import strict_base64
from evidence.canonical import CanonicalError, Json, is_digest, parse_strict

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"


class DsseError(ValueError):
    """A signature file of another form than model-signing 1.x writes with a P-256 key; sign the release again."""


@dataclass(frozen=True)
class SignedModel:
    """What a signature file says, not yet believed. `files`: path to digest; `hint`: SHA-256 of the key's PEM."""

    hint: str
    payload: bytes
    signature: bytes
    files: dict[str, str]


def parse_signed_model(data: bytes) -> SignedModel:
    """Take a signature file apart; checks its form and the digest over its own list.

    Raises:
        DsseError: any other form.
    """
    try:
        bundle = parse_strict(data)
        _same("mediaType", MEDIA_TYPE, bundle["mediaType"])
        envelope = bundle["dsseEnvelope"]
        _same("payloadType", PAYLOAD_TYPE, envelope["payloadType"])
        (line,) = envelope["signatures"]
        payload = strict_base64.decode(envelope["payload"])
        return SignedModel(
            hint=str(bundle["verificationMaterial"]["publicKey"]["hint"]),
            payload=payload,
            signature=strict_base64.decode(line["sig"]),
            files=_files(parse_strict(payload)),
        )
    except (CanonicalError, strict_base64.Base64Error, KeyError, TypeError, ValueError) as error:
        raise DsseError("expected a model-signing 1.x signature, found another document") from error


def verify_signed_model(signed: SignedModel, *, key: EllipticCurvePublicKey) -> bool:
    """Whether this key signed the envelope (ECDSA over SHA-256 of the DSSE pre-authentication encoding)."""
    encoding = b"DSSEv1 %d %b %d %b" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(signed.payload), signed.payload)
    try:
        key.verify(signed.signature, encoding, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def key_hint(key: EllipticCurvePublicKey) -> str:
    """The name a signature file gives a key: the SHA-256 of its PEM, in hex."""
    return hashlib.sha256(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _files(statement: Json) -> dict[str, str]:
    _same("_type", STATEMENT_TYPE, statement["_type"])
    _same("predicateType", PREDICATE_TYPE, statement["predicateType"])
    serialization = statement["predicate"]["serialization"]
    _same("serialization method", "files", serialization["method"])
    _same("hash_type", "sha256", serialization["hash_type"])
    files: dict[str, str] = {}
    total = hashlib.sha256()
    for line in statement["predicate"]["resources"]:
        found = f"sha256:{line['digest']}"
        if line["algorithm"] != "sha256" or not is_digest(found) or line["name"] in files:
            raise DsseError(f"expected one sha256 digest per file, found {line!r:.200}")
        files[str(line["name"])] = found
        total.update(bytes.fromhex(line["digest"]))
    (subject,) = statement["subject"]
    _same("digest over the files", total.hexdigest(), subject["digest"]["sha256"])
    return files


def _same(what: str, expected: str, found: Json) -> None:
    if found != expected:
        raise DsseError(f"expected {what} {expected!r}, found {found!r:.200}")
