"""Putting the log's part of a bundle together: one thread's entries with their proofs, under one tree head."""

from __future__ import annotations

from collections.abc import Iterable

from evidence import strict_base64
from evidence.canonical import canonical_bytes, parse_canonical
from evidence.merkle import Tree
from evidence.treehead import parse_tree_head


def log_members(
    *, note: bytes, tree: Tree, entries: Iterable[tuple[int, bytes]], older_notes: Iterable[bytes] = ()
) -> dict[str, bytes]:
    """The members under `log/` of a bundle.

    note: the signed tree head to prove against; tree: at least as large. entries: leaf number and leaf bytes of every
    entry of the thread, in the order of their seq. older_notes: earlier tree heads to prove consistent.

    Raises:
        NoteFormatError: a note that is no tree head. TreeRangeError: the tree is smaller than the head.
        CanonicalError: leaf bytes that are not canonical JSON.
    """
    size = parse_tree_head(note).size
    lines = [
        {"index": index, "entry": parse_canonical(leaf), "proof": _base64s(tree.inclusion_proof(index, size))}
        for index, leaf in entries
    ]
    members = {"log/tree-head.note": note, "log/entries.json": canonical_bytes(lines)}
    heads = [
        {"note": old.decode(), "proof": _base64s(tree.consistency_proof(parse_tree_head(old).size, size))}
        for old in older_notes
    ]
    if heads:
        members["log/heads.json"] = canonical_bytes({"format": "obelus/heads/1", "heads": heads})
    return members


def _base64s(steps: Iterable[bytes]) -> list[str]:
    return [strict_base64.encode(step) for step in steps]
