"""A tree head is believed only in the exact form a trusted key signed."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.merkle import EMPTY_ROOT
from evidence.notes import (
    NoteFormatError,
    NoteKey,
    SignatureError,
    UntrustedKeyError,
    note_key,
    parse_note,
    sign_note,
    verify_note,
)
from evidence.treehead import TreeHead, parse_tree_head, sign_tree_head, verify_tree_head

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))
NAME = "log.example/obelus"
TRUST = [note_key(name=NAME, private_key=KEY)]
HEAD = TreeHead(origin=NAME, size=42, root=EMPTY_ROOT)
SIGNED = sign_tree_head(HEAD, name=NAME, private_key=KEY)


def test_the_example_note_of_the_go_module_verifies() -> None:
    """The example of golang.org/x/mod/sumdb/note, which C2SP's signed-note is the specification of."""
    from evidence import strict_base64

    key = strict_base64.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    trusted = NoteKey(name="PeterNeumann", public_key=key[1:])
    assert trusted.key_hash.hex() == "c74f20a3"
    assert verify_note(text.encode(), trusted=[trusted]).signatures[0].name == "PeterNeumann"


def test_a_signed_head_reads_back() -> None:
    assert verify_tree_head(SIGNED, trusted=TRUST) == HEAD == parse_tree_head(SIGNED)
    assert SIGNED.decode().startswith(f"{NAME}\n42\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— {NAME} ")


def test_a_stranger_is_untrusted_under_any_name() -> None:
    for name in (NAME, "stranger"):
        with pytest.raises(UntrustedKeyError):
            verify_tree_head(sign_tree_head(HEAD, name=name, private_key=STRANGER), trusted=TRUST)
    with pytest.raises(UntrustedKeyError):
        verify_tree_head(SIGNED, trusted=[])


def test_a_changed_size_breaks_the_signature() -> None:
    with pytest.raises(SignatureError):
        verify_tree_head(SIGNED.replace(b"\n42\n", b"\n43\n"), trusted=TRUST)


def test_every_single_byte_change_is_refused() -> None:
    refused = (NoteFormatError, UntrustedKeyError, SignatureError)
    for place in range(len(SIGNED)):
        for flip in (1, 2, 0x20, 0x80, 0xFF):
            edited = bytearray(SIGNED)
            edited[place] ^= flip
            with pytest.raises(refused):
                verify_tree_head(bytes(edited), trusted=TRUST)


@pytest.mark.parametrize(
    "text", ["o\n042\nroot\n", "o\n-1\nx\n", "o\n1\n47DEQpj8\n", "o\n1\n", "\n1\nx\n", "o\n٣\nx\n", "o\n1\nx\nmore\n"]
)
def test_a_malformed_head_is_refused_even_when_signed(text: str) -> None:
    with pytest.raises(NoteFormatError):
        verify_tree_head(sign_note(text, name=NAME, private_key=KEY), trusted=TRUST)


def test_a_second_signature_line_is_refused_in_a_head_but_not_in_a_note() -> None:
    twice = SIGNED + sign_note("x\n", name="witness", private_key=STRANGER).split(b"\n\n")[1]
    assert len(verify_note(twice, trusted=TRUST).signatures) == 2
    with pytest.raises(NoteFormatError, match="one signature"):
        verify_tree_head(twice, trusted=TRUST)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\u00a0b", "a\u200b"])
def test_a_name_a_note_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(NoteFormatError):
        sign_note("text\n", name=name, private_key=KEY)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_reading_never_raises_anything_else(data: bytes) -> None:
    try:
        parse_note(data)
    except NoteFormatError:
        return
