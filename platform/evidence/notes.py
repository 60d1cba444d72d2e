"""Signed notes (C2SP signed-note): a text, a blank line, and one line per Ed25519 signature.

A signature line is `— NAME BASE64` where the base64 holds four bytes of key hash and the 64 bytes of signature. The
key hash is SHA-256(name || 0x0A || 0x01 || public key)[:4]: it tells keys apart, it proves nothing.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence import strict_base64

ED25519 = b"\x01"
MAX_SIGNATURES = 16


class NoteFormatError(ValueError):
    """Text that is not a signed note; ask for the note as it was signed."""


class UntrustedKeyError(ValueError):
    """No signature is by a key we were told to trust; compare the key's fingerprint with its owner's."""


class SignatureError(ValueError):
    """A signature in a trusted key's name that does not fit the text; the note was changed after signing."""


@dataclass(frozen=True)
class NoteKey:
    """A key somebody trusts: the name it signs under and its 32 raw bytes."""

    name: str
    public_key: bytes

    @property
    def key_hash(self) -> bytes:
        """The four bytes that stand for this key in a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:4]


@dataclass(frozen=True)
class NoteSignature:
    """One line under the note."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A parsed, not yet verified note; `text` ends with a newline."""

    text: str
    signatures: tuple[NoteSignature, ...]


def note_key(*, name: str, private_key: Ed25519PrivateKey) -> NoteKey:
    """The public half of a signing key, under its name. Raises: NoteFormatError."""
    check_name(name)
    return NoteKey(name=name, public_key=private_key.public_key().public_bytes_raw())


def sign_note(text: str, *, name: str, private_key: Ed25519PrivateKey) -> bytes:
    """Sign a text (ending in a newline) and give the whole note.

    Raises:
        NoteFormatError: a text or name that a note cannot hold.
    """
    check_name(name)
    _check_text(text)
    signature = note_key(name=name, private_key=private_key).key_hash + private_key.sign(text.encode())
    return f"{text}\n— {name} {strict_base64.encode(signature)}\n".encode()


def parse_note(data: bytes) -> Note:
    """Take a note apart, strictly; nothing is verified yet.

    Raises:
        NoteFormatError: any deviation from the form.
    """
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteFormatError("expected a note in UTF-8, found other bytes") from error
    text, separator, rest = whole.rpartition("\n\n")
    if not separator or not rest.endswith("\n"):
        raise NoteFormatError("expected a text, a blank line and signature lines, found no such parts")
    text += "\n"
    _check_text(text)
    lines = rest[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteFormatError(f"expected at most {MAX_SIGNATURES} signatures, found {len(lines)}")
    return Note(text=text, signatures=tuple(_parse_signature(line) for line in lines))


def verify_note(data: bytes, *, trusted: Iterable[NoteKey]) -> Note:
    """Parse a note and check every signature made in a trusted key's name; at least one must be there.

    Raises:
        NoteFormatError: not a note.
        UntrustedKeyError: no signature by a trusted key.
        SignatureError: a trusted key's signature does not fit the text.
    """
    note = parse_note(data)
    keys = {(key.name, key.key_hash): key for key in trusted}
    known = [line for line in note.signatures if (line.name, line.key_hash) in keys]
    if not known:
        names = ", ".join(f"{line.name}+{line.key_hash.hex()}" for line in note.signatures)
        raise UntrustedKeyError(f"expected a signature by a trusted key, found {names}; check the trust file")
    for line in known:
        _verify_line(note.text, line, keys[line.name, line.key_hash])
    return note


def check_name(name: str) -> None:
    """Refuse a key name that a note cannot hold: empty, with spaces, controls or a plus. Raises: NoteFormatError."""
    if not name or "+" in name or any(char.isspace() or unicodedata.category(char)[0] == "C" for char in name):
        raise NoteFormatError(f"expected a key name without spaces, controls or '+', found {name!r}")


def _verify_line(text: str, line: NoteSignature, key: NoteKey) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(line.signature, text.encode())
    except (InvalidSignature, ValueError) as error:
        raise SignatureError(f"expected {key.name}'s signature over this text, found one over another") from error


def _check_text(text: str) -> None:
    if not text.endswith("\n") or text == "\n":
        raise NoteFormatError("expected a note's text to end with a newline and to say something, found otherwise")
    if any(unicodedata.category(char) == "Cc" and char != "\n" for char in text):
        raise NoteFormatError("expected no control characters but newlines in a note, found one")


def _parse_signature(line: str) -> NoteSignature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":
        raise NoteFormatError(f"expected a line '— name base64', found {line[:80]!r}")
    check_name(parts[1])
    try:
        raw = strict_base64.decode(parts[2], size=68)
    except strict_base64.Base64Error as error:
        raise NoteFormatError(f"expected 68 bytes of key hash and signature: {error}") from error
    return NoteSignature(name=parts[1], key_hash=raw[:4], signature=raw[4:])
