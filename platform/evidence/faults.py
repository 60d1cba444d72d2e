"""What can be wrong with a bundle: one class per remedy, each with its own exit code, the most fundamental first.

A report lists every difference that was found; the process ends with the code of the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Fault(IntEnum):
    """Exit codes of `python -m evidence verify` (0 means verified, 2 a mistaken command line)."""

    TRUST_FILE = 9
    UNANCHORED = 10
    CONTAINER = 11
    CANONICAL_JSON = 12
    FORMAT = 13
    MEMBER_LIST = 14
    MEMBER_DIGEST = 15
    UNTRUSTED_KEY = 16
    TREE_HEAD = 17
    INCLUSION = 18
    CONSISTENCY = 19
    THREAD = 20
    PLAN = 21
    POLICY = 22
    PARAMETERS = 23
    LEDGER = 24
    RESULT = 25
    CERTIFICATE = 26
    MEASUREMENTS = 27
    VERDICT = 28
    WEIGHTS = 29
    RELEASE_SIGNATURE = 30
    APPROVALS = 31
    SNAPSHOT = 32
    OPENING = 33
    GATE = 34
    UNCHECKED = 35
    DESTRUCTION = 36
    REFERENCES = 37
    NEVER_SEEN = 38
    PARTS = 39

    @property
    def label(self) -> str:
        """The name as printed: lower case, hyphens."""
        return self.name.lower().replace("_", "-")

    @property
    def meaning(self) -> str:
        """One plain line on what this fault means."""
        return MEANINGS[self]


MEANINGS = {
    Fault.TRUST_FILE: "the trust file cannot be read; without it nothing is anchored",
    Fault.UNANCHORED: "no trusted keys were given: whoever made this bundle could have made all of it up",
    Fault.CONTAINER: "the file is not a bundle, or was changed after it was packed",
    Fault.CANONICAL_JSON: "a document is not in its one canonical form",
    Fault.FORMAT: "a document lacks what its format requires",
    Fault.MEMBER_LIST: "a member is missing, unexpected, or not listed",
    Fault.MEMBER_DIGEST: "a member differs from the list of members",
    Fault.UNTRUSTED_KEY: "something is signed by a key that the trust file does not name",
    Fault.TREE_HEAD: "the log's signed state is malformed or its signature does not fit",
    Fault.INCLUSION: "an entry is not in the signed log",
    Fault.CONSISTENCY: "an earlier state of the log is not a prefix of this one: history was rewritten",
    Fault.THREAD: "the thread is not whole: an entry or an attempt is hidden",
    Fault.PLAN: "the plan is not the logged one, or its choice does not follow from its facts",
    Fault.POLICY: "the policy is not the one fixed beforehand",
    Fault.PARAMETERS: "a job's parameters are not the ones fixed beforehand",
    Fault.LEDGER: "the ledger is not the logged one: an event was added, dropped or changed",
    Fault.RESULT: "a job's result is not the one recorded",
    Fault.CERTIFICATE: "the certificate is not the issued one, or its numbers do not follow from the ledger",
    Fault.MEASUREMENTS: "measurements are not the recorded ones, or belong to the sealed tier",
    Fault.VERDICT: "the verdict is not the one that was reached",
    Fault.WEIGHTS: "the released weights are not the ones the job produced",
    Fault.RELEASE_SIGNATURE: "the release's signature does not fit its files",
    Fault.APPROVALS: "the release was not approved by two people other than the proposer",
    Fault.SNAPSHOT: "the new snapshot is not proved to lack the erased records",
    Fault.OPENING: "an opening does not fit the commitment in the log",
    Fault.GATE: "the release was published although the gate of its rung was shut",
    Fault.UNCHECKED: "a check could not be made, so nothing is claimed",
    Fault.DESTRUCTION: "the list of what was destroyed is not the logged one",
    Fault.REFERENCES: "the verdict was reached beside retrained references that are not this candidate's own",
    Fault.NEVER_SEEN: "the verdict was reached beside never-seen rows that were not named before anything ran",
    Fault.PARTS: "what stayed of the old weights is not what was recorded of them before the case began",
}


@dataclass(frozen=True, order=True)
class Difference:
    """One fault, where it is, and its evidence: what was expected and what was found."""

    fault: Fault
    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.fault.label}: {self.where}: expected {self.expected}, found {self.found}"


def difference(fault: Fault, where: str, *, expected: str, found: str) -> Difference:
    """A difference in plain words: where `found` is an error's own sentence, that says both halves better.

    "expected JSON, found a folder; unpack it" gives expected "JSON" and found "a folder; unpack it".
    """
    if not found.startswith("expected "):
        return Difference(fault, where, expected, found)
    wanted, _, came = found.partition(", found ")
    return Difference(fault, where, wanted.rsplit("expected ", 1)[-1], came or "something else")


@dataclass
class Report:
    """Every difference, sorted by how fundamental it is, and what was verified."""

    differences: list[Difference] = field(default_factory=list)
    kind: str | None = None
    thread: str | None = None
    tree_size: int | None = None
    checked: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 when nothing differs, else the code of the most fundamental fault."""
        return int(min(line.fault for line in self.differences)) if self.differences else 0

    @property
    def answer(self) -> str:
        """One word: verified, or the label of the first fault."""
        return Fault(self.exit_code).label if self.differences else "verified"
