"""Leaves, heads and proofs of snapshots: evidence.snapshots over the rows of the database.

A row's content digest is that of its form (dataset_file, text_file). Every snapshot draws new salts, also for records
that were in its parent, so that nobody can match the leaves of two snapshots.
"""

import os
from typing import Any

from evidence.canonical import Json
from evidence.snapshot_form import absence_json, head_json, presence_json
from evidence.snapshots import Absence, SnapshotHead, SnapshotLeaf, snapshot_leaf
from evidence.snapshots import Snapshot as Leaves
from governance.errors import Conflict
from governance.lineage.forms import StoredRows, form_of
from governance.lineage.models import Record, Snapshot, SnapshotRow
from governance.objects.store import open_path


def members_of(snapshot: Snapshot, records: list[Record], rows: StoredRows) -> list[SnapshotRow]:
    """Unsaved places of `records`, which stand in the order of `rows`, each with a fresh salt."""
    members = []
    for place, (record, digest) in enumerate(zip(records, rows.digests(), strict=True)):
        salt = os.urandom(32)
        leaf = snapshot_leaf(rid=bytes.fromhex(record.rid), salt=salt, content_digest=digest)
        members.append(SnapshotRow(snapshot=snapshot, record=record, row=place, salt=salt, leaf=leaf.mac))
    return members


def leaves_of(members: Any) -> Leaves:
    """The sorted tree over places (each with its record loaded)."""
    return Leaves(SnapshotLeaf(rid=bytes.fromhex(m.record.rid), mac=bytes(m.leaf)) for m in members)


def tree_of(snapshot: Snapshot) -> Leaves:
    return leaves_of(snapshot.members.select_related("record"))


def head_of(snapshot: Snapshot) -> SnapshotHead:
    return SnapshotHead(size=snapshot.rows, root=bytes.fromhex(snapshot.root.removeprefix("sha256:")))


def root_text(leaves: Leaves) -> str:
    return "sha256:" + leaves.head.root.hex()


def absences(snapshot: Snapshot, rids: list[str]) -> list[Absence]:
    """Proofs, for a bundle's snapshot.json, that none of these records is there.

    Raises:
        Conflict: one of them is there.
    """
    tree = tree_of(snapshot)
    try:
        return [tree.prove_absence(bytes.fromhex(rid)) for rid in sorted(set(rids))]
    except ValueError as error:
        raise Conflict(
            f"Snapshot {snapshot.ref} holds a record that should be absent.",
            code="record_present",
            remedy="Take a snapshot without it first.",
        ) from error


def absence_proof(snapshot: Snapshot, rid: str) -> Json:
    """{"head", "absence"}: JSON that evidence.snapshot_form reads and verify_absence checks.

    Raises:
        Conflict: the record is there.
    """
    return {"head": head_json(head_of(snapshot)), "absence": absence_json(absences(snapshot, [rid])[0])}


def presence_proof(snapshot: Snapshot, record: Record) -> Json:
    """{"head", "presence"}: JSON that evidence.snapshot_form reads and verify_presence checks.

    Raises:
        Conflict: the record is not there.
    """
    try:
        presence = tree_of(snapshot).prove_presence(bytes.fromhex(record.rid))
    except ValueError as error:
        raise Conflict(
            f"Snapshot {snapshot.ref} does not hold this record.",
            code="record_absent",
            remedy="Ask for the proof of absence.",
        ) from error
    return {"head": head_json(head_of(snapshot)), "presence": presence_json(presence)}


def snapshot_faults(snapshot: Snapshot) -> list[str]:
    """Every way in which a snapshot's leaves differ from its object and its root; empty is sound."""
    members = list(snapshot.members.select_related("record").order_by("row"))
    found = [] if leaves_of(members).head == head_of(snapshot) else [f"{snapshot.ref}: its leaves give another root"]
    if snapshot.destroyed_at is not None:
        return found
    rows = form_of(snapshot.dataset).read(open_path(snapshot.object_digest))
    if [member.record.slot for member in members] != rows.slots:
        return [*found, f"{snapshot.ref}: its object holds other slots than its members"]
    for member, digest in zip(members, rows.digests(), strict=True):
        if member.salt is None:
            continue
        leaf = snapshot_leaf(rid=bytes.fromhex(member.record.rid), salt=bytes(member.salt), content_digest=digest)
        if leaf.mac != bytes(member.leaf):
            found.append(f"{snapshot.ref}: row {member.row + 1} is not the one its leaf commits to")
    return found
