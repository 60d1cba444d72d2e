"""Writing the trail. Entries are written unnumbered inside the caller's transaction; see sequencer.py for numbers."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from evidence.canonical import canonical_bytes
from governance.actors import Actor
from governance.audit.models import Entry, Event, Thread
from governance.errors import Conflict

FORMAT = "obelus/entry/1"


@transaction.atomic
def append(event: str, *, thread: str, actor: Actor, body: dict[str, Any]) -> Entry:
    """Add one entry to a thread, in the transaction of the change that it records.

    `body` holds public facts only: digests, counts, codes and keyed commitments, never an identifier.

    Raises:
        Conflict: the thread is closed.
    """
    at = timezone.now()
    seq = next_place(thread)
    leaf = {
        "format": FORMAT,
        "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "event": Event(event).value,
        "thread": thread,
        "seq": seq,
        "actor_role": actor.role,
        "body": body,
    }
    return Entry.make(at=at, event=event, thread=thread, seq=seq, leaf=canonical_bytes(leaf))


def next_place(thread: str) -> int:
    """The next number in a thread. The counter's row lock lasts until commit, so numbers have no gaps."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_thread (ref, length, closed) VALUES (%s, 1, false) "
            "ON CONFLICT (ref) DO UPDATE SET length = audit_thread.length + 1 "
            "WHERE NOT audit_thread.closed RETURNING length - 1",
            [thread],
        )
        row = cursor.fetchone()
    if row is None:
        raise Conflict(f"The trail of {thread} is closed; nothing can be added to it.", code="thread_closed")
    return int(row[0])


@transaction.atomic
def close_thread(thread: str, *, actor: Actor) -> None:
    """The last entry of a thread says how many there are, so that none can be hidden later."""
    length = Thread.objects.select_for_update().get(ref=thread).length
    append(Event.THREAD_CLOSED, thread=thread, actor=actor, body={"length": length + 1})
    Thread.objects.filter(ref=thread).update(closed=True)
