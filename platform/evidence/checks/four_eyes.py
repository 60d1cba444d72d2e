"""Did two people other than the proposer approve exactly this release, before it was published?"""

from __future__ import annotations

from evidence.approvals import APPROVERS_NEEDED, approval_digest, approvals_document
from evidence.case import Case
from evidence.faults import Fault

APPROVALS = "approvals.json"


def check_approvals(case: Case) -> None:
    """The digest recomputed from the documents, the people from the log, the document from both."""
    published, confirmed = case.last("release:published"), case.last("plan:confirmed")
    parts = {name: case.digest_of(f"{name}.json") for name in ("certificate", "policy", "verdict")}
    if published is None or confirmed is None:
        case.fault(Fault.APPROVALS, APPROVALS, "a confirmed plan and a published release in the log", "none")
        return
    facts = {"candidate": published.body["weights"], **{name: str(found) for name, found in parts.items()}}
    release, wanted = published.body["release"], approval_digest(**facts)
    # Of an earlier candidate with the same bytes another certificate was proposed, and nobody approved this one by it.
    begins = case.candidate.seq if case.candidate else -1
    proposed, approved = (
        [entry for entry in case.logged(event) if entry.body["release"] == release and entry.seq > begins]
        for event in ("release:proposed", "release:approved")
    )
    for entry in [*proposed, *approved]:
        where = f"{entry.event} (entry {entry.index}) approval_digest"
        case.expect(Fault.APPROVALS, where, wanted, entry.body["approval_digest"])
    for entry in approved:
        if entry.seq > published.seq:
            case.fault(Fault.APPROVALS, f"entry {entry.index}", "approval before publication", "afterwards")
    approvers = [entry.body["approver"] for entry in approved]
    _check_people(case, proposer=confirmed.body["proposer"], approvers=approvers)
    document = approvals_document(**facts, proposer=confirmed.body["proposer"], approvers=approvers)
    for name, value in document.items():
        case.expect(Fault.APPROVALS, f"{APPROVALS} $.{name}", value, case.documents[APPROVALS][name])


def _check_people(case: Case, *, proposer: str, approvers: list[str]) -> None:
    if proposer in approvers:
        case.fault(Fault.APPROVALS, "release:approved", "approvers other than the proposer", proposer)
    distinct = set(approvers) - {proposer}
    if len(distinct) < APPROVERS_NEEDED or len(distinct) != len(approvers):
        case.fault(Fault.APPROVALS, "release:approved", f"{APPROVERS_NEEDED} different approvers, once each", approvers)
