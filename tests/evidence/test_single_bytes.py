"""No byte of a bundle can change unseen, even when the forger makes the list of members fit again."""

import random
from collections.abc import Iterator
from itertools import islice

import pytest

from evidence.bundle import INDEX
from evidence.verify import verify_bytes, verify_members
from tests.evidence.specimen import KINDS, honest_bundle, honest_members, listed, trust

TRUST = trust()
FLIPS = (0x01, 0x04, 0x20)
HONEST = {kind: honest_members(kind) for kind in KINDS}


def _unseen(kind: str, places: Iterator[tuple[str, int]], flips: tuple[int, ...]) -> Iterator[str]:
    """Make each change with a fitting list of members; give those that went unseen."""
    members = HONEST[kind]
    for path, place in places:
        for flip in flips:
            edited = bytearray(members[path])
            edited[place] ^= flip
            if verify_members(listed({**members, path: bytes(edited)}, kind), trust=TRUST).exit_code == 0:
                yield f"{path} byte {place} ^ {flip:#x}"


def _every_place(kind: str) -> Iterator[tuple[str, int]]:
    return ((path, place) for path, data in HONEST[kind].items() for place in range(len(data)))


@pytest.mark.parametrize("kind", ["job", "receipt"])
def test_no_byte_of_a_small_bundle_changes_unseen(kind: str) -> None:
    assert list(_unseen(kind, _every_place(kind), FLIPS[:1])) == []


def test_a_sample_of_bytes_of_an_erasure_bundle_changes_nothing_unseen() -> None:
    places = random.Random(3).sample(list(_every_place("erasure")), 400)
    assert list(_unseen("erasure", iter(places), FLIPS[1:2])) == []


def test_no_byte_of_the_list_of_members_changes_unseen() -> None:
    members = listed(HONEST["job"], "job")
    for place in range(len(members[INDEX])):
        edited = bytearray(members[INDEX])
        edited[place] ^= 0x01
        assert verify_members({**members, INDEX: bytes(edited)}, trust=TRUST).exit_code != 0, place


def test_no_byte_of_the_file_changes_unseen() -> None:
    data = honest_bundle("erasure")
    for place in random.Random(4).sample(range(len(data)), 1500):
        edited = bytearray(data)
        edited[place] ^= 0x10
        assert verify_bytes(bytes(edited), trust=TRUST).exit_code != 0, place


# The sweep over every byte in parts, each well under four minutes on a quiet core. Every so-manieth byte, so that all
# parts cost the same although one member is half of the bundle.
PARTS = {"erasure": 8, "receipt": 1, "job": 1}
SWEEP = [(kind, part) for kind in KINDS for part in range(PARTS[kind])]


def _part(kind: str, part: int) -> Iterator[tuple[str, int]]:
    return islice(_every_place(kind), part, None, PARTS[kind])


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_parts_of_the_sweep_leave_no_byte_out(kind: str) -> None:
    parts = [place for each, part in SWEEP if each == kind for place in _part(each, part)]
    assert sorted(parts) == sorted(_every_place(kind))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("kind", "part"), SWEEP)
def test_no_byte_changes_unseen_whatever_the_value(kind: str, part: int) -> None:
    flips = FLIPS if kind != "erasure" else FLIPS[:2]
    assert list(_unseen(kind, _part(kind, part), flips)) == []
