"""The Merkle tree of RFC 6962 and RFC 9162 section 2.1, over SHA-256.

Everything here takes and gives 32-byte hashes; `leaf_hash` makes one from an entry's bytes. A `Tree` remembers the
complete subtrees of the leaves it was given, so roots and proofs for any earlier size cost O(log n) hashes.
`evidence.frontier` is the append-only half, for a writer that stores only its edge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class TreeRangeError(ValueError):
    """A size or an index outside the tree; read the current size and ask again."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """All complete subtrees over some leaf hashes: `levels[k][i]` covers leaves i*2^k up to (i+1)*2^k."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaf_hashes:
            self.append(leaf)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash (32 bytes) at the end."""
        if len(leaf) != HASH_SIZE:
            raise TreeRangeError(f"expected a leaf hash of {HASH_SIZE} bytes, found {len(leaf)}; call leaf_hash first")
        self._levels[0].append(leaf)
        for level, nodes in enumerate(self._levels):
            if len(nodes) % 2:
                return
            if level + 1 == len(self._levels):
                self._levels.append([])
            self._levels[level + 1].append(node_hash(nodes[-2], nodes[-1]))

    def root(self, size: int | None = None) -> bytes:
        """MTH of the first `size` leaves (all of them when not given). Raises: TreeRangeError."""
        size = self._checked(self.size if size is None else size)
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """PATH(index, D[size]) of RFC 9162 section 2.1.3.1, leaf's sibling first. Raises: TreeRangeError."""
        size = self._checked(self.size if size is None else size)
        if not 0 <= index < size:
            raise TreeRangeError(f"expected an index below {size}, found {index}; entries are numbered from 0")
        proof: list[bytes] = []
        low, high = 0, size
        while high - low > 1:
            split = low + _split(high - low)
            if index < split:
                proof.append(self._range(split, high))
                high = split
            else:
                proof.append(self._range(low, split))
                low = split
        return proof[::-1]

    def consistency_proof(self, first: int, second: int | None = None) -> list[bytes]:
        """PROOF(first, D[second]), RFC 9162 2.1.4.1; empty when first is 0 or second. Raises: TreeRangeError."""
        second = self._checked(self.size if second is None else second)
        if not 0 <= first <= second:
            raise TreeRangeError(f"expected an older size up to {second}, found {first}; give the smaller size first")
        if first in (0, second):
            return []
        proof: list[bytes] = []
        low, high, whole = 0, second, True
        while first != high - low:
            split = _split(high - low)
            if first <= split:
                proof.append(self._range(low + split, high))
                high = low + split
            else:
                proof.append(self._range(low, low + split))
                low, first, whole = low + split, first - split, False
        return ([] if whole else [self._range(low, high)]) + proof[::-1]

    def _range(self, low: int, high: int) -> bytes:
        """The subtree over leaves low to high; `low` is a multiple of the next power of two, as in the RFC."""
        count = high - low
        if count & (count - 1) == 0:
            level = count.bit_length() - 1
            return self._levels[level][low >> level]
        split = _split(count)
        return node_hash(self._range(low, low + split), self._range(low + split, high))

    def _checked(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise TreeRangeError(f"expected a size up to {self.size}, found {size}; the log has not grown that far")
        return size


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The Merkle root over leaf hashes; over none it is SHA-256 of nothing."""
    return Tree(leaf_hashes).root()


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `leaf` (a leaf hash) is number `index` of the tree with this size and root (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size or any(len(step) != HASH_SIZE for step in proof):
        return False
    fn, sn, found = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node_hash(step, found)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of size `first` is a prefix of the tree of size `second` (RFC 9162 2.1.4.2)."""
    if not 0 <= first <= second or any(len(step) != HASH_SIZE for step in proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    return bool(path) and _walk_consistency(first - 1, second - 1, path) == (first_root, second_root)


def _walk_consistency(fn: int, sn: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    older = newer = path[0]
    for step in path[1:]:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            newer = node_hash(newer, step)
        fn, sn = fn >> 1, sn >> 1
    return (older, newer) if sn == 0 else None


def _split(count: int) -> int:
    """The largest power of two below `count` (count > 1)."""
    return 1 << (count - 1).bit_length() - 1
