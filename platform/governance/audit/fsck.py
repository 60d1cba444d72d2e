"""Re-derive the log from its leaves and compare: trust only the entries' bytes and a key."""

import json

from evidence.merkle import Tree, leaf_hash
from evidence.notes import note_key
from evidence.treehead import verify_tree_head
from governance.audit.models import Entry, Leaf, Thread, TreeHead
from governance.audit.sequencer import tree_head_key, tree_head_name


def faults() -> list[str]:
    """Every difference between the log as stored and the log as its entries and signed heads say; empty is sound."""
    tree = Tree()
    found: list[str] = []
    for place, leaf in enumerate(Leaf.objects.select_related("entry").order_by("index").iterator()):
        expected = leaf_hash(bytes(leaf.entry.leaf))
        if leaf.index != place:
            found.append(f"leaf {leaf.index} stands where {place} belongs: a leaf is missing or doubled")
        if bytes(leaf.hash) != expected:
            found.append(f"leaf {leaf.index}: its hash is not that of its entry's bytes")
        tree.append(expected)
    return found + head_faults(tree) + thread_faults()


def head_faults(tree: Tree) -> list[str]:
    trusted = [note_key(name=tree_head_name(), private_key=tree_head_key())]
    found = []
    for head in TreeHead.objects.order_by("size"):
        try:
            signed = verify_tree_head(head.note.encode(), trusted=trusted)
        except ValueError as error:
            found.append(f"head of size {head.size}: {error}")
            continue
        if signed.size > tree.size:
            found.append(f"head signed {signed.size} entries, the log has {tree.size}: it was truncated")
        elif tree.root(signed.size) != signed.root:
            found.append(f"head of size {signed.size}: the entries give another root; the log was rewritten")
    return found


def thread_faults() -> list[str]:
    found = []
    lengths: dict[str, int] = {}
    for entry in Entry.objects.order_by("thread", "seq").iterator():
        leaf = json.loads(bytes(entry.leaf))
        if (leaf["thread"], leaf["seq"], leaf["event"]) != (entry.thread, entry.seq, entry.event):
            found.append(f"entry {entry.pk}: its columns do not say what its leaf says")
        if entry.seq != lengths.get(entry.thread, 0):
            found.append(f"thread {entry.thread}: place {lengths.get(entry.thread, 0)} is missing")
        lengths[entry.thread] = entry.seq + 1
    for thread in Thread.objects.all():
        if lengths.get(thread.ref, 0) != thread.length:
            found.append(f"thread {thread.ref}: {thread.length} entries counted, {lengths.get(thread.ref, 0)} found")
    return found
