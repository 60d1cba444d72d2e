"""The tree gives the published vectors, and every proof of every size."""

import hashlib
import random

import pytest

from evidence.frontier import Frontier
from evidence.merkle import (
    EMPTY_ROOT,
    Tree,
    TreeRangeError,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The inputs and roots of Certificate Transparency's reference tests.
INPUTS = [bytes.fromhex(text) for text in ["", "00", "10", "2021", "3031", "40414243"]]
INPUTS += [bytes(range(0x50, 0x58)), bytes(range(0x60, 0x70))]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(bytes([n % 251, n // 251])) for n in range(300)]
TREE = Tree(LEAVES)


def test_the_published_roots_hold() -> None:
    assert root([]) == EMPTY_ROOT == hashlib.sha256().digest()
    assert [root(leaf_hash(data) for data in INPUTS[: n + 1]).hex() for n in range(8)] == ROOTS


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1,
            5,
            [
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_the_published_inclusion_proofs_hold(index: int, size: int, proof: list[str]) -> None:
    assert [step.hex() for step in Tree(map(leaf_hash, INPUTS)).inclusion_proof(index, size)] == proof


@pytest.mark.parametrize(
    ("first", "second", "proof"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_the_published_consistency_proofs_hold(first: int, second: int, proof: list[str]) -> None:
    assert [step.hex() for step in Tree(map(leaf_hash, INPUTS)).consistency_proof(first, second)] == proof


def _recursive_root(leaves: list[bytes]) -> bytes:
    """The RFC's definition, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(_recursive_root(leaves[:split]), _recursive_root(leaves[split:]))


def _check_size(size: int) -> None:
    head = TREE.root(size)
    assert head == _recursive_root(LEAVES[:size])
    for index in range(size):
        proof = TREE.inclusion_proof(index, size)
        assert verify_inclusion(leaf=LEAVES[index], index=index, size=size, proof=proof, root=head)
    for first in range(size + 1):
        proof = TREE.consistency_proof(first, size)
        older = TREE.root(first)
        assert verify_consistency(first=first, second=size, first_root=older, second_root=head, proof=proof)


@pytest.mark.parametrize("size", [*range(18), 31, 32, 33, 64, 100, 127, 128, 129, 255, 256, 300])
def test_every_proof_of_a_size_verifies(size: int) -> None:
    _check_size(size)


@pytest.mark.slow
def test_every_proof_of_every_size_up_to_300_verifies() -> None:
    for size in range(301):
        _check_size(size)


def test_the_frontier_follows_the_tree_and_survives_storage() -> None:
    frontier = Frontier(size=0, nodes=[])
    for size, leaf in enumerate(LEAVES):
        assert frontier.root() == TREE.root(size)
        frontier = Frontier(size=frontier.size, nodes=frontier.nodes)
        frontier.append(leaf)
    assert frontier.root() == TREE.root()
    assert len(frontier.nodes) == (300).bit_count()


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(TreeRangeError, match="rebuild"):
        Frontier(size=3, nodes=[LEAVES[0]])


def test_a_changed_inclusion_proof_is_refused() -> None:
    draw = random.Random(1)
    for _ in range(300):
        size = draw.randrange(1, 100)
        index = draw.randrange(size)
        proof, head = TREE.inclusion_proof(index, size), TREE.root(size)
        good = {"leaf": LEAVES[index], "index": index, "size": size, "proof": proof, "root": head}
        assert verify_inclusion(**good)
        for change in (
            {"leaf": LEAVES[-1]},
            {"root": LEAVES[0] if size > 1 else LEAVES[1]},
            {"proof": [*proof, LEAVES[7]]},
            {"index": -1},
            {"index": size},
            {"proof": [b"", *proof]},
        ):
            assert not verify_inclusion(**{**good, **change})
        for place in range(len(proof)):
            assert not verify_inclusion(**{**good, "proof": proof[:place] + proof[place + 1 :]})
            assert not verify_inclusion(**{**good, "proof": [*proof[:place], LEAVES[-2], *proof[place + 1 :]]})


def test_a_rewritten_history_has_no_consistency_proof() -> None:
    other = Tree([leaf_hash(b"rewritten"), *LEAVES[1:]])
    for first in range(1, 40):
        for second in range(first, 40):
            for proof in (TREE.consistency_proof(first, second), other.consistency_proof(first, second), []):
                assert not verify_consistency(
                    first=first, second=second, first_root=TREE.root(first), second_root=other.root(second), proof=proof
                )


@pytest.mark.parametrize("ask", [lambda: TREE.root(301), lambda: TREE.inclusion_proof(5, 5)])
def test_asking_beyond_the_tree_is_refused(ask: object) -> None:
    with pytest.raises(TreeRangeError):
        ask()


def test_a_leaf_that_is_no_hash_is_refused() -> None:
    with pytest.raises(TreeRangeError, match="leaf_hash"):
        Tree([b"raw entry"])
    with pytest.raises(TreeRangeError, match="leaf_hash"):
        Frontier(size=0, nodes=[]).append(b"raw entry")
    with pytest.raises(TreeRangeError, match="smaller size first"):
        TREE.consistency_proof(9, 3)
