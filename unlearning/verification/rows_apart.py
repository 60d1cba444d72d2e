"""Rows that must not be in two roles at once: a never-seen row that is a deleted one would be shown to everybody."""

from __future__ import annotations

from itertools import combinations

from unlearning.runner.job import Job
from unlearning.runner.refusals import Refused

# Canaries are nobody: they may stand among the deleted rows, and sentinels' twins among the never-seen ones.
_APART = tuple(combinations(("forget", "retain", "holdout"), 2))


def refuse_overlap(job: Job) -> None:
    """Look at the manifests alone, at no row.

    Raises: Refused with MANIFESTS_OVERLAP.
    """
    listed = {
        role: {(name, row) for name, rows in inputs.items() for row in rows}
        for role, inputs in job.spec.manifests.items()
    }
    for one, other in _APART:
        if listed.get(one, set()) & listed.get(other, set()):
            raise Refused(
                "MANIFESTS_OVERLAP",
                f"expected {one} and {other} to share no row, got some in both.",
                "Make them disjoint.",
            )
