"""A trust file is read by whatever hand wrote it, and refused with the reason."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evidence import strict_base64
from evidence.trust import TrustError, parse_trust
from tests.evidence.specimen import ORIGIN, RELEASE_KEY, trust_document


def _with(**changes: Any) -> bytes:
    return json.dumps({**trust_document(), **changes}, indent=2).encode()


def test_keys_are_read_from_pem_and_from_base64() -> None:
    der = RELEASE_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trust = parse_trust(_with(release=[*trust_document()["release"], strict_base64.encode(der)]))
    assert trust.tree_head[0].name == ORIGIN
    assert trust.release[0] == trust.release[1] == RELEASE_KEY.public_key()


def test_another_curve_is_refused() -> None:
    other = generate_private_key(SECP384R1()).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(TrustError, match="P-256"):
        parse_trust(_with(release=[pem]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"format":"obelus/trust/1","format":"obelus/trust/1"}',
        _with(format="obelus/trust/2"),
        _with(release=["junk"]),
        _with(release=["-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"]),
        _with(tree_head=[{"name": "a b", "public_key": trust_document()["tree_head"][0]["public_key"]}]),
        _with(tree_head=[{"name": "a", "public_key": "QQ=="}]),
        _with(extra=1),
    ],
)
def test_a_trust_file_that_cannot_be_used_is_refused(data: bytes) -> None:
    with pytest.raises(TrustError):
        parse_trust(data)
