"""Putting the log's part of a bundle together: one thread's entries with their proofs, under one tree head."""

from __future__ import annotations

from collections.abc import Iterable

from evidence import strict_base64
from evidence.canonical import Json, canonical_bytes, parse_canonical
from evidence.case import BEFORE
from evidence.merkle import Tree
from evidence.treehead import parse_tree_head


def log_members(
    *,
    note: bytes,
    tree: Tree,
    entries: Iterable[tuple[int, bytes]],
    older_notes: Iterable[bytes] = (),
    before: tuple[int, bytes] | None = None,
) -> dict[str, bytes]:
    """The members under `log/` of a bundle.

    note: the signed tree head to prove against; tree: at least as large. entries: leaf number and leaf bytes of every
    entry of the thread, in the order of their seq. older_notes: earlier tree heads to prove consistent. before: the
    same of one entry of another thread, which recorded what this one began with.

    Raises:
        NoteFormatError: a note that is no tree head. TreeRangeError: the tree is smaller than the head.
        CanonicalError: leaf bytes that are not canonical JSON.
    """
    size = parse_tree_head(note).size
    members = {"log/tree-head.note": note, "log/entries.json": canonical_bytes(_lines(tree, size, entries))}
    if before is not None:
        members[BEFORE] = canonical_bytes(_lines(tree, size, [before]))
    heads = [
        {"note": old.decode(), "proof": _base64s(tree.consistency_proof(parse_tree_head(old).size, size))}
        for old in older_notes
    ]
    if heads:
        members["log/heads.json"] = canonical_bytes({"format": "obelus/heads/1", "heads": heads})
    return members


def _lines(tree: Tree, size: int, entries: Iterable[tuple[int, bytes]]) -> list[Json]:
    return [
        {"index": index, "entry": parse_canonical(leaf), "proof": _base64s(tree.inclusion_proof(index, size))}
        for index, leaf in entries
    ]


def _base64s(steps: Iterable[bytes]) -> list[str]:
    return [strict_base64.encode(step) for step in steps]
