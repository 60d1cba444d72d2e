"""The trail: what is written stays, and a change to it is seen."""

import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from governance.actors import SYSTEM
from governance.appendonly import AppendOnlyViolation
from governance.audit import fsck, sequencer
from governance.audit.models import Entry, Event, Leaf
from governance.audit.services import append, close_thread
from governance.errors import Conflict

pytestmark = pytest.mark.django_db


def write(thread: str = "plan_a", **body: object) -> Entry:
    return append(Event.POLICY_FIXED, thread=thread, actor=SYSTEM, body=body or {"policy": "sha256:00"})


def test_entries_of_a_thread_are_numbered_without_gaps():
    assert [write().seq, write("plan_b").seq, write().seq] == [0, 0, 1]


def test_a_closed_thread_takes_nothing_more():
    write()
    close_thread("plan_a", actor=SYSTEM)
    with pytest.raises(Conflict, match="closed"):
        write()


def test_the_sequencer_numbers_each_entry_once():
    write(), write(), write("plan_b")
    sequencer.catch_up()
    write()
    sequencer.catch_up()
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == [0, 1, 2, 3]
    assert fsck.faults() == []


def test_a_head_is_signed_only_when_the_log_has_grown():
    write()
    assert sequencer.catch_up() == sequencer.catch_up()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET seq = 7", "DELETE FROM audit_entry", "DELETE FROM audit_leaf", "TRUNCATE audit_treehead"],
)
def test_the_application_cannot_rewrite_the_log(statement):
    write()
    sequencer.catch_up()
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_code_that_tries_to_change_an_entry_is_stopped_before_the_database():
    entry = write()
    with pytest.raises(AppendOnlyViolation):
        entry.save()
    with pytest.raises(AppendOnlyViolation):
        entry.delete()
    with pytest.raises(AppendOnlyViolation):
        Entry.objects.all().delete()


def test_fsck_sees_a_leaf_that_does_not_fit_its_entry():
    entry = write()
    Leaf.make(index=0, entry=entry, hash=b"\0" * 32)
    assert any("hash is not that of its entry" in fault for fault in fsck.faults())


def test_fsck_sees_a_missing_number():
    Leaf.make(index=1, entry=write(), hash=b"\0" * 32)
    assert any("missing or doubled" in fault for fault in fsck.faults())
