"""Whatever a file holds, the verifier answers with a fault and never falls over."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.canonical import CanonicalError, canonical_bytes, parse_canonical
from evidence.faults import Fault
from evidence.verify import verify_bytes, verify_members
from tests.evidence.specimen import KINDS, honest_members, listed, trust

TRUST = trust()
HONEST = {kind: honest_members(kind) for kind in KINDS}
VALUES = st.none() | st.booleans() | st.integers(-3, 2**53 - 1) | st.floats(allow_nan=False) | st.text(max_size=8)
JSON = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_file_is_answered(data: bytes) -> None:
    assert verify_bytes(data, trust=TRUST).exit_code == Fault.CONTAINER


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_any_member_may_be_any_json(kind: str, data: st.DataObject) -> None:
    members = HONEST[kind]
    path = data.draw(st.sampled_from(sorted(members)))
    value = data.draw(JSON)
    try:
        forged = {**members, path: canonical_bytes(value)}
    except CanonicalError:
        return
    report = verify_members(listed(forged, kind), trust=TRUST)
    assert report.exit_code != 0
    assert not _fell_over(report)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_any_part_of_any_document_may_be_anything(kind: str, data: st.DataObject) -> None:
    members = HONEST[kind]
    path = data.draw(st.sampled_from(sorted(path for path in members if path.endswith(".json"))))
    document = parse_canonical(members[path])
    _replace_somewhere(document, data)
    try:
        forged = {**members, path: canonical_bytes(document)}
    except CanonicalError:
        return
    report = verify_members(listed(forged, kind), trust=TRUST)
    assert report.exit_code != 0 or forged == members
    assert not _fell_over(report)


@pytest.mark.parametrize("events", [None, 7, [3], [{"batch": []}], [{"batch": {}, "event": "deleted"}]])
def test_a_ledger_of_strange_events_is_a_fault_and_no_fall(events: Any) -> None:
    ledger = {**parse_canonical(HONEST["erasure"]["ledger.json"]), "events": events}
    forged = {**HONEST["erasure"], "ledger.json": canonical_bytes(ledger)}
    report = verify_members(listed(forged, "erasure"), trust=TRUST)
    assert report.exit_code != 0
    assert not _fell_over(report)


def _replace_somewhere(document: Any, data: st.DataObject) -> None:
    """Walk down a random way and put something else there."""
    here = document
    while True:
        keys = sorted(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        inner = here[key]
        if isinstance(inner, (dict, list)) and inner and data.draw(st.booleans() | st.just(True)):
            here = inner
            continue
        here[key] = data.draw(JSON)
        return


def _fell_over(report: Any) -> list[str]:
    """Checks that ended in an exception; those that could not be made for want of a document are no fall."""
    return [str(line) for line in report.differences if line.expected == "a check that ends"]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.data(), st.binary(max_size=60))
def test_any_member_may_be_any_bytes(kind: str, data: st.DataObject, content: bytes) -> None:
    path = data.draw(st.sampled_from(sorted(HONEST[kind])))
    report = verify_members(listed({**HONEST[kind], path: content}, kind), trust=TRUST)
    assert report.exit_code != 0
    assert not _fell_over(report)
    assert verify_members({"bundle.json": content}, trust=None).exit_code == Fault.UNANCHORED


def test_a_hostile_text_cannot_write_to_the_readers_terminal() -> None:
    members = {**HONEST["job"], "evil.json": b"{}"}
    forged = listed(members, "job")
    forged["bundle.json"] = forged["bundle.json"].replace(b"evil.json", b"e\\u001b[2J")
    report = verify_members(forged, trust=TRUST)
    assert report.exit_code != 0
    assert "\x1b" not in "".join(map(str, report.differences))
