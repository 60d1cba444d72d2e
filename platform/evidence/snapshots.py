"""What an immutable dataset snapshot held, provable per record and silent about every other one.

A leaf is SHA-256(0x00 || rid || mac) where `rid` is the record's keyed id (16 bytes) and mac is HMAC-SHA-256 of the
content digest under the record's own 32-byte salt. Without the salt, which dies with the row, the leaf says nothing
about the content. Leaves stand in the order of their rids, so two neighbours prove that nothing lies between them.

What a proof of absence assumes: that whoever built the tree sorted it. `manage.py fsck` rebuilds and checks that.
"""

from __future__ import annotations

import hashlib
import hmac
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from evidence.canonical import digest_json
from evidence.merkle import EMPTY_ROOT, Tree, leaf_hash, verify_inclusion

RID_SIZE = 16
SALT_SIZE = 32


class SnapshotError(ValueError):
    """Records that make no snapshot, or a question it cannot answer; the message names the record's position."""


@dataclass(frozen=True)
class SnapshotLeaf:
    """One record as the tree sees it: keyed id (16 bytes) and salted commitment to its content (32 bytes)."""

    rid: bytes
    mac: bytes

    @property
    def hash(self) -> bytes:
        """The leaf hash."""
        return leaf_hash(self.rid + self.mac)


@dataclass(frozen=True)
class SnapshotHead:
    """A snapshot's size and root together; a root alone would not bind how many records there are."""

    size: int
    root: bytes

    @property
    def digest(self) -> str:
        """One digest over both."""
        return digest_json({"format": "obelus/snapshot-head/1", "size": self.size, "root": "sha256:" + self.root.hex()})


@dataclass(frozen=True)
class Presence:
    """Proof that a leaf is number `index` of a snapshot."""

    index: int
    leaf: SnapshotLeaf
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class Absence:
    """Proof that no leaf has this rid: the neighbours it would stand between, None at an end of the tree."""

    rid: bytes
    left: Presence | None
    right: Presence | None


def snapshot_leaf(*, rid: bytes, salt: bytes, content_digest: bytes) -> SnapshotLeaf:
    """Make a leaf from a keyed id (16 bytes), a fresh random salt (32) and the content's SHA-256 (32).

    Raises:
        SnapshotError: a length is off.
    """
    if len(rid) != RID_SIZE or len(salt) != SALT_SIZE or len(content_digest) != 32:
        raise SnapshotError(
            f"expected {RID_SIZE}, {SALT_SIZE} and 32 bytes of rid, salt and digest, "
            f"found {len(rid)}, {len(salt)} and {len(content_digest)}"
        )
    return SnapshotLeaf(rid=rid, mac=hmac.new(salt, content_digest, hashlib.sha256).digest())


class Snapshot:
    """The sorted tree over a snapshot's leaves."""

    def __init__(self, leaves: Iterable[SnapshotLeaf]) -> None:
        self.leaves = sorted(leaves, key=lambda leaf: leaf.rid)
        self._rids = [leaf.rid for leaf in self.leaves]
        if len(set(self._rids)) != len(self._rids):
            raise SnapshotError("expected each record once, found a rid twice; remove the duplicate record")
        if any(len(leaf.rid) != RID_SIZE or len(leaf.mac) != 32 for leaf in self.leaves):
            raise SnapshotError("expected leaves of 16 and 32 bytes, found others; make them with snapshot_leaf")
        self._tree = Tree(leaf.hash for leaf in self.leaves)

    @property
    def head(self) -> SnapshotHead:
        """Size and root."""
        return SnapshotHead(size=len(self.leaves), root=self._tree.root())

    def prove_presence(self, rid: bytes) -> Presence:
        """Raises: SnapshotError when the record is not there."""
        place = bisect_left(self._rids, rid)
        if self._rids[place : place + 1] != [rid]:
            raise SnapshotError("expected a record of this snapshot, found none with this rid; ask for absence")
        return self._presence(place)

    def prove_absence(self, rid: bytes) -> Absence:
        """Raises: SnapshotError when the record is there, or the rid is not 16 bytes."""
        place = bisect_left(self._rids, rid)
        if len(rid) != RID_SIZE or self._rids[place : place + 1] == [rid]:
            raise SnapshotError("expected a rid that is not in this snapshot, found it there; erase it first")
        return Absence(
            rid=rid,
            left=self._presence(place - 1) if place else None,
            right=self._presence(place) if place < len(self._rids) else None,
        )

    def _presence(self, index: int) -> Presence:
        return Presence(index=index, leaf=self.leaves[index], proof=tuple(self._tree.inclusion_proof(index)))


def verify_presence(found: Presence, *, head: SnapshotHead) -> bool:
    """Whether the leaf is in the snapshot with this head."""
    return (
        len(found.leaf.rid) == RID_SIZE
        and len(found.leaf.mac) == 32
        and verify_inclusion(leaf=found.leaf.hash, index=found.index, size=head.size, proof=found.proof, root=head.root)
    )


def verify_absence(absence: Absence, *, head: SnapshotHead) -> bool:
    """Whether no leaf of the snapshot with this head, sorted by rid, can have this rid."""
    left, right = absence.left, absence.right
    if len(absence.rid) != RID_SIZE or not all(verify_presence(end, head=head) for end in (left, right) if end):
        return False
    if left is None and right is None:
        return head == SnapshotHead(size=0, root=EMPTY_ROOT)
    # Adjacent, with the missing end only at the very first or last place.
    place = left.index + 1 if left else 0
    if place != (right.index if right else head.size):
        return False
    return (left is None or left.leaf.rid < absence.rid) and (right is None or absence.rid < right.leaf.rid)
