"""What the checks look at: a bundle's members, the documents in them, and the report they add to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from evidence.canonical import Json, digest
from evidence.events import body_faults
from evidence.faults import Fault, Report, difference
from evidence.trust import Trust

ENTRIES = "log/entries.json"
TREE_HEAD = "log/tree-head.note"
DESTRUCTION = "destruction.json"
# Of a case that dropped parts of older weights: the entry that recorded these, and salts of what stayed of them.
BEFORE = "log/before.json"
PART_OPENINGS = "part-openings.json"


@dataclass(frozen=True)
class Logged:
    """One entry of the thread, with sound body."""

    index: int
    seq: int
    event: str
    body: dict[str, Json]


@dataclass
class Case:
    """One verification. `documents` holds only members that are canonical and fit their schema."""

    members: Mapping[str, bytes]
    trust: Trust | None
    report: Report = field(default_factory=Report)
    documents: dict[str, Json] = field(default_factory=dict)

    def fault(self, fault: Fault, where: str, expected: object, found: object) -> None:
        """Add a difference to the report."""
        self.report.differences.append(difference(fault, _short(where), expected=_short(expected), found=_short(found)))

    def expect(self, fault: Fault, where: str, expected: object, found: object) -> bool:
        """Add a difference unless the two are equal; says whether they are."""
        if expected == found and type(expected) is type(found):
            return True
        self.fault(fault, where, expected, found)
        return False

    def digest_of(self, path: str) -> str | None:
        """The digest of a member, None when there is none."""
        return digest(self.members[path]) if path in self.members else None

    @cached_property
    def thread(self) -> list[Logged]:
        """The thread's entries in the order of the file; those with unsound bodies are left out (and are faults)."""
        return [
            Logged(index=line["index"], seq=entry["seq"], event=entry["event"], body=entry["body"])
            for line in self.documents.get(ENTRIES, [])
            for entry in [line["entry"]]
            if not body_faults(entry["event"], entry["body"])
        ]

    def logged(self, event: str) -> list[Logged]:
        """The entries of one kind of event."""
        return [entry for entry in self.thread if entry.event == event]

    def last(self, event: str) -> Logged | None:
        """The latest entry of one kind of event."""
        return next(reversed(self.logged(event)), None)

    @property
    def candidate(self) -> Logged | None:
        """The `job:recorded` entry whose weights were published.

        Two steps of a ladder may come to the same bytes: then the one whose specification the certificate names.
        """
        published = self.last("release:published")
        recorded = self.logged("job:recorded") if published else []
        found = [entry for entry in recorded if published and entry.body.get("weights") == published.body["weights"]]
        named = self.documents.get("certificate.json", {}).get("spec")
        about = [entry for entry in found if entry.body["spec"] == named]
        return next(reversed(about or found), None)

    def begun(self, job: str) -> Logged | None:
        """The first attempt of a job."""
        return next((entry for entry in self.logged("attempt:started") if entry.body["job"] == job), None)

    def is_after_candidate(self, job: str) -> bool:
        """Whether a job began when the candidate was there; before that it was about another one, of whatever bytes."""
        begun, candidate = self.begun(job), self.candidate
        return begun is not None and candidate is not None and begun.seq > candidate.seq

    def candidate_document(self, folder: str) -> Json | None:
        """The candidate job's document in `specs` or `results`."""
        return self.documents.get(f"{folder}/{self.candidate.body['job']}.json") if self.candidate else None


def anchor(case: Case, fault: Fault, *, key: str, path: str, events: tuple[str, ...]) -> None:
    """The last entry of each of these events whose body has `key` must name this member's digest; one must.

    The last, because a plan that stopped may start over and issue or propose a second time.
    """
    naming = {entry.event: entry for entry in case.thread if entry.event in events and entry.body.get(key) is not None}
    if not naming:
        case.fault(fault, path, f"an entry of the log that names it as {key!r}", "none")
    for entry in naming.values():
        case.expect(fault, f"{path} (entry {entry.index}, {entry.event})", entry.body[key], case.digest_of(path))


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    # Escaped, so that a hostile document cannot write to the reader's terminal.
    return text[:300].encode("unicode_escape").decode("ascii")
