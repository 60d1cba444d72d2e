"""Snapshots as JSON: `snapshot.json` of a bundle, obelus/snapshot/1."""

from __future__ import annotations

from collections.abc import Iterable

from evidence import strict_base64
from evidence.canonical import Json
from evidence.snapshots import Absence, Presence, SnapshotHead, SnapshotLeaf


def snapshot_document(
    *, old: SnapshotHead, new: SnapshotHead, absences: Iterable[Absence], presences: Iterable[Presence] = ()
) -> Json:
    """The document that shows which records the new snapshot provably lacks.

    presences: proofs in the old snapshot for the same records, so that absence means removal; none leaves the key out.
    """
    document = {
        "format": "obelus/snapshot/1",
        "old": head_json(old),
        "new": head_json(new),
        "absences": [absence_json(absence) for absence in sorted(absences, key=lambda absence: absence.rid)],
    }
    there = sorted(presences, key=lambda presence: presence.leaf.rid)
    return {**document, "presences": [presence_json(presence) for presence in there]} if there else document


def head_json(head: SnapshotHead) -> Json:
    """{"size", "root": "sha256:.."}."""
    return {"size": head.size, "root": "sha256:" + head.root.hex()}


def absence_json(absence: Absence) -> Json:
    """{"rid", "left", "right"} with the neighbours as presences or null."""
    return {
        "rid": absence.rid.hex(),
        "left": presence_json(absence.left) if absence.left else None,
        "right": presence_json(absence.right) if absence.right else None,
    }


def presence_json(presence: Presence) -> Json:
    """{"index", "rid", "mac", "proof": [base64]}."""
    return {
        "index": presence.index,
        "rid": presence.leaf.rid.hex(),
        "mac": presence.leaf.mac.hex(),
        "proof": [strict_base64.encode(step) for step in presence.proof],
    }


def head_from_json(value: Json) -> SnapshotHead:
    """Read what `head_json` wrote (its shape already checked)."""
    return SnapshotHead(size=value["size"], root=bytes.fromhex(value["root"].removeprefix("sha256:")))


def absence_from_json(value: Json) -> Absence:
    """Read what `absence_json` wrote (its shape already checked). Raises: Base64Error."""
    return Absence(
        rid=bytes.fromhex(value["rid"]),
        left=presence_from_json(value["left"]) if value["left"] else None,
        right=presence_from_json(value["right"]) if value["right"] else None,
    )


def presence_from_json(value: Json) -> Presence:
    """Read what `presence_json` wrote (its shape already checked). Raises: Base64Error."""
    return Presence(
        index=value["index"],
        leaf=SnapshotLeaf(rid=bytes.fromhex(value["rid"]), mac=bytes.fromhex(value["mac"])),
        proof=tuple(strict_base64.decode(step, size=32) for step in value["proof"]),
    )
