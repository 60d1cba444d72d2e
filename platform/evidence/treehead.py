"""The log's signed state (what C2SP's tlog-checkpoint calls a checkpoint): origin, size and Merkle root, in a note."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import strict_base64
from evidence.merkle import HASH_SIZE
from evidence.notes import Note, NoteFormatError, NoteKey, parse_note, sign_note, verify_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True)
class TreeHead:
    """How many leaves the log has and what their Merkle root is; `origin` names the log."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that get signed."""
        return f"{self.origin}\n{self.size}\n{strict_base64.encode(self.root)}\n"


def sign_tree_head(head: TreeHead, *, name: str, private_key: Ed25519PrivateKey) -> bytes:
    """The tree head as a signed note. Raises: NoteFormatError."""
    parse_tree_head_text(head.text)
    return sign_note(head.text, name=name, private_key=private_key)


def parse_tree_head(data: bytes) -> TreeHead:
    """Read a tree head from a note without verifying it. Raises: NoteFormatError."""
    return _from_note(parse_note(data))


def verify_tree_head(data: bytes, *, trusted: Iterable[NoteKey]) -> TreeHead:
    """Read a tree head that a trusted key signed.

    Raises:
        NoteFormatError, UntrustedKeyError, SignatureError: see `evidence.notes`.
    """
    return _from_note(verify_note(data, trusted=trusted))


def parse_tree_head_text(text: str) -> TreeHead:
    """Read the three lines, strictly; extension lines are refused. Raises: NoteFormatError."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise NoteFormatError("expected three lines: origin, size, root; found otherwise")
    if not _SIZE.fullmatch(lines[1]):
        raise NoteFormatError(f"expected a decimal size without leading zeros, found {lines[1][:30]!r}")
    try:
        root = strict_base64.decode(lines[2], size=HASH_SIZE)
    except strict_base64.Base64Error as error:
        raise NoteFormatError(f"expected a root of {HASH_SIZE} bytes: {error}") from error
    return TreeHead(origin=lines[0], size=int(lines[1]), root=root)


def _from_note(note: Note) -> TreeHead:
    # A second signature line would be bytes nobody checks; witnesses need a new format version.
    if len(note.signatures) != 1:
        raise NoteFormatError(f"expected one signature under a tree head, found {len(note.signatures)}")
    return parse_tree_head_text(note.text)
