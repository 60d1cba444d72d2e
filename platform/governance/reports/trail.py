"""The log's part of every document: a closed thread with its proofs, under the newest signed head."""

from typing import Any

from evidence.assembly import log_members
from evidence.canonical import parse_canonical
from governance.audit.models import Entry, Leaf, Thread, TreeHead
from governance.audit.sequencer import catch_up, load_tree
from governance.errors import Conflict


def thread_members(thread: str, *, before: Entry | None = None) -> dict[str, bytes]:
    """The members under `log/`, every entry numbered and signed first.

    An older signed head is shown too, where there is one from before the case: the log only grew since. `before`: an
    entry of another thread, which recorded what this case began with.

    Raises:
        Conflict: the thread is not closed, so nobody could tell whether it is whole.
    """
    require_closed(thread)
    head = catch_up()
    if head is None:
        raise Conflict("The log is empty.", code="log_empty")
    leaves = Leaf.objects.filter(entry__thread=thread).select_related("entry").order_by("entry__seq")
    entries = [(leaf.index, bytes(leaf.entry.leaf)) for leaf in leaves]
    older = TreeHead.objects.filter(size__lte=entries[0][0]).order_by("-size")[:1]
    earlier = None if before is None else (Leaf.objects.get(entry=before).index, bytes(before.leaf))
    return log_members(
        note=head.note.encode(),
        tree=load_tree(),
        entries=entries,
        older_notes=[row.note.encode() for row in older],
        before=earlier,
    )


def require_closed(thread: str) -> None:
    if not Thread.objects.filter(ref=thread, closed=True).exists():
        raise Conflict(
            f"The trail of {thread} is not closed yet.",
            code="not_closed",
            remedy="Ask again when the case has ended; until then its trail cannot be shown to be whole.",
        )


def entries_of(thread: str) -> list[dict[str, Any]]:
    """The entries of a thread as they stand in the log, in order."""
    rows = Entry.objects.filter(thread=thread).order_by("seq")
    return [parse_canonical(bytes(row.leaf)) for row in rows]
