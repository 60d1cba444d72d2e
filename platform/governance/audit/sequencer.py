"""Numbering the entries and signing the head: one writer at a time, in batches, never in the way of a request."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from evidence.frontier import Frontier
from evidence.merkle import Tree, leaf_hash
from evidence.notes import note_key
from evidence.treehead import TreeHead as SignedState
from evidence.treehead import sign_tree_head
from governance.audit.models import Entry, Leaf, TreeHead
from governance.env import key_file

ORIGIN = "obelus"
LOCK = 0x0BE1
BATCH = 1000


def tree_head_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key_file(settings.KEYS, "tree-head"))


def tree_head_name() -> str:
    return ORIGIN


@transaction.atomic
def sequence() -> int:
    """Give the next numbers to entries that have none. Returns how many were numbered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last = Leaf.objects.order_by("-index").first()
    start = last.index + 1 if last else 0
    waiting = Entry.objects.filter(numbered=None).order_by("id")[:BATCH]
    leaves = [Leaf(index=start + i, entry=e, hash=leaf_hash(bytes(e.leaf))) for i, e in enumerate(waiting)]
    Leaf.objects.bulk_create(leaves)
    return len(leaves)


def load_tree() -> Tree:
    return Tree(bytes(value) for value in Leaf.objects.order_by("index").values_list("hash", flat=True))


@transaction.atomic
def publish_head() -> TreeHead | None:
    """Sign the state of the whole log if it grew; the newest head either way (None: an empty log)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    newest = TreeHead.objects.order_by("-size").first()
    size = Leaf.objects.count()
    if size == 0 or (newest and newest.size == size):
        return newest
    frontier = Frontier(size=0, nodes=[])
    for value in Leaf.objects.order_by("index").values_list("hash", flat=True).iterator():
        frontier.append(bytes(value))
    state = SignedState(origin=ORIGIN, size=size, root=frontier.root())
    note = sign_tree_head(state, name=tree_head_name(), private_key=tree_head_key()).decode()
    return TreeHead.make(size=size, root=state.root, note=note)


def catch_up() -> TreeHead | None:
    """Number everything there is and sign it: what a report or a bundle calls before it reads."""
    while sequence():
        pass
    return publish_head()


def public_key_text() -> str:
    """The tree head's verification key, base64, for a trust file."""
    import base64

    return base64.b64encode(note_key(name=tree_head_name(), private_key=tree_head_key()).public_key).decode()
