"""Four eyes: what is approved, by how many, and the document that says so."""

from __future__ import annotations

from collections.abc import Sequence

from evidence.canonical import Json, digest_json

APPROVERS_NEEDED = 2


def approval_digest(*, candidate: str, certificate: str, policy: str, verdict: str) -> str:
    """The one digest that every approver approves: weights, claim, rules and verdict together."""
    return digest_json({"candidate": candidate, "certificate": certificate, "policy": policy, "verdict": verdict})


def approvals_document(
    *, candidate: str, certificate: str, policy: str, verdict: str, proposer: str, approvers: Sequence[str]
) -> Json:
    """`approvals.json`, obelus/approvals/1: digests, and commitments to people in the order of the log."""
    parts = {"candidate": candidate, "certificate": certificate, "policy": policy, "verdict": verdict}
    return {
        "format": "obelus/approvals/1",
        "approval_digest": approval_digest(**parts),
        **parts,
        "proposer": proposer,
        "approvers": list(approvers),
    }
