"""A snapshot proves presence and absence, and nothing about the content."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.merkle import EMPTY_ROOT
from evidence.snapshot_form import absence_from_json, head_from_json, snapshot_document
from evidence.snapshots import (
    Presence,
    Snapshot,
    SnapshotError,
    SnapshotHead,
    snapshot_leaf,
    verify_absence,
    verify_presence,
)


def _leaf(number: int) -> object:
    salt = hashlib.sha256(b"salt%d" % number).digest()
    return snapshot_leaf(rid=_rid(number), salt=salt, content_digest=hashlib.sha256(b"row%d" % number).digest())


def _rid(number: int) -> bytes:
    return number.to_bytes(16, "big")


@settings(deadline=None)
@given(st.sets(st.integers(0, 60), max_size=40), st.integers(0, 60))
def test_every_record_is_provably_present_or_provably_absent(numbers: set[int], asked: int) -> None:
    snapshot = Snapshot(map(_leaf, numbers))
    if asked in numbers:
        assert verify_presence(snapshot.prove_presence(_rid(asked)), head=snapshot.head)
        with pytest.raises(SnapshotError):
            snapshot.prove_absence(_rid(asked))
    else:
        assert verify_absence(snapshot.prove_absence(_rid(asked)), head=snapshot.head)
        with pytest.raises(SnapshotError):
            snapshot.prove_presence(_rid(asked))


def test_absence_of_a_present_record_cannot_be_claimed_from_any_neighbours() -> None:
    snapshot = Snapshot(map(_leaf, range(0, 20, 2)))
    ends: list[Presence | None] = [None, *(snapshot.prove_presence(_rid(n)) for n in range(0, 20, 2))]
    honest = snapshot.prove_absence(_rid(5))
    for present in range(0, 20, 2):
        for left in ends:
            for right in ends:
                claim = replace(honest, rid=_rid(present), left=left, right=right)
                assert not verify_absence(claim, head=snapshot.head)


def test_a_proof_is_bound_to_the_snapshots_size() -> None:
    snapshot = Snapshot(map(_leaf, range(4)))
    absence = snapshot.prove_absence(_rid(9))
    assert verify_absence(absence, head=snapshot.head)
    assert not verify_absence(absence, head=SnapshotHead(size=5, root=snapshot.head.root))
    assert snapshot.head.digest != SnapshotHead(size=5, root=snapshot.head.root).digest


def test_an_empty_snapshot_lacks_everyone() -> None:
    empty = Snapshot([])
    assert empty.head == SnapshotHead(size=0, root=EMPTY_ROOT)
    assert verify_absence(empty.prove_absence(_rid(1)), head=empty.head)
    full = Snapshot([_leaf(1)])
    assert not verify_absence(empty.prove_absence(_rid(2)), head=full.head)


def test_the_salt_hides_the_content() -> None:
    content = hashlib.sha256(b"row").digest()
    one = snapshot_leaf(rid=_rid(1), salt=bytes(32), content_digest=content)
    two = snapshot_leaf(rid=_rid(1), salt=b"\x01" * 32, content_digest=content)
    assert one.hash != two.hash


def test_a_duplicate_record_and_a_short_salt_are_refused() -> None:
    with pytest.raises(SnapshotError, match="twice"):
        Snapshot([_leaf(1), _leaf(1)])
    with pytest.raises(SnapshotError, match="32"):
        snapshot_leaf(rid=_rid(1), salt=b"short", content_digest=bytes(32))


def test_the_document_carries_the_proofs() -> None:
    old, new = Snapshot(map(_leaf, range(8))), Snapshot(map(_leaf, range(6)))
    document = snapshot_document(old=old.head, new=new.head, absences=[new.prove_absence(_rid(n)) for n in (7, 6)])
    assert [absence["rid"][-2:] for absence in document["absences"]] == ["06", "07"]
    head = head_from_json(document["new"])
    assert all(verify_absence(absence_from_json(line), head=head) for line in document["absences"])
    assert not any(verify_absence(absence_from_json(line), head=old.head) for line in document["absences"])
