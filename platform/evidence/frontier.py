"""The edge of a growing Merkle tree: all a sequencer must store to append and to give the root.

A tree of n leaves is a row of complete subtrees, one per binary digit of n; appending merges equal ones like carrying
in an addition. That is O(log n) hashes of state, and on average two hashes of work per leaf.
"""

from __future__ import annotations

from collections.abc import Sequence

from evidence.merkle import EMPTY_ROOT, HASH_SIZE, TreeRangeError, node_hash


class Frontier:
    """The compact range [0, size): `nodes` are the complete subtrees' roots, the largest first.

    >>> Frontier(size=0, nodes=[]).size
    0
    """

    def __init__(self, *, size: int, nodes: Sequence[bytes]) -> None:
        if size < 0 or len(nodes) != size.bit_count() or any(len(node) != HASH_SIZE for node in nodes):
            raise TreeRangeError(
                f"expected one 32-byte node per binary digit of size {size}, found {len(nodes)} nodes; "
                "rebuild the frontier from the leaves"
            )
        self.size = size
        self.nodes = list(nodes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash (32 bytes)."""
        if len(leaf) != HASH_SIZE:
            raise TreeRangeError(f"expected a leaf hash of {HASH_SIZE} bytes, found {len(leaf)}; call leaf_hash first")
        carry, digits = leaf, self.size
        while digits & 1:
            carry = node_hash(self.nodes.pop(), carry)
            digits >>= 1
        self.nodes.append(carry)
        self.size += 1

    def root(self) -> bytes:
        """The root of everything appended so far."""
        if not self.nodes:
            return EMPTY_ROOT
        found = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            found = node_hash(node, found)
        return found
