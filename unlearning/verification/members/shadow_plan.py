"""Which rows each shadow model holds, and which of them it unlearns: drawn from the job's seed alone.

Shadows come in pairs that hold complementary halves of the pool, so every row is in exactly half of an even number.
Letters: S shadows, P rows of the pool.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unlearning.runner.jobfolder import Spec
from unlearning.runner.refusals import Refused
from unlearning.verification.members.data import Key

Marks = npt.NDArray[np.bool_]
TARGETS = ("forget", "canaries", "holdout")  # manifests whose rows a shadow that holds them unlearns
MANIFESTS = (*TARGETS, "retain")


@dataclass(frozen=True)
class ShadowPlan:
    """pool: every row that may be held; target_P: those to unlearn; held: who holds what, shape (S, P)."""

    pool: tuple[Key, ...]
    target_P: Marks  # noqa: N815 - the house's letters
    held: Marks

    @property
    def gone(self) -> Marks:
        """What each shadow unlearns, when it does: the targets it holds."""
        return self.held & self.target_P

    def keys(self, marks_P: Marks) -> list[Key]:
        """The marked rows of the pool, in its order."""
        return [self.pool[column] for column in np.flatnonzero(marks_P)]


def plan_of(spec: Spec) -> ShadowPlan:
    """The plan of a job of engine `classifier.shadows`; the runner and each of its children come to the same.

    Raises: Refused with MANIFEST_MISSING, MANIFESTS_OVERLAP or TOO_FEW_TO_UNLEARN.
    """
    listed = {name: _keys(spec, name) for name in MANIFESTS}
    if not listed["retain"] or not any(listed[name] for name in TARGETS):
        raise Refused(
            "MANIFEST_MISSING",
            "classifier.shadows needs manifests retain and at least one of forget, canaries and holdout.",
            "Add them to the spec.",
        )
    # Canaries may be listed among the rows to forget as well: they are deleted too.
    targets = list(dict.fromkeys(key for name in TARGETS for key in listed[name]))
    pool = (*targets, *listed["retain"])
    if len(set(pool)) != len(pool):
        raise Refused("MANIFESTS_OVERLAP", "some rows are both targets and retained.", "Make them disjoint.")
    target_P = np.arange(len(pool)) < len(targets)
    plan = ShadowPlan(pool, target_P, halves(len(pool), shadows=spec.params["shadows"], seed=spec.params["seed"]))
    _refuse_nothing_to_unlearn(spec, plan)
    return plan


def halves(rows: int, *, shadows: int, seed: int) -> Marks:
    """Random halves of `rows` rows, the second of each pair being what the first left."""
    held = np.zeros((shadows, rows), dtype=bool)
    for pair in range(0, shadows, 2):
        order = np.random.default_rng([seed, pair]).permutation(rows)
        held[pair, order[: rows // 2]] = True
        held[pair + 1 : pair + 2] = ~held[pair]
    return held


def _keys(spec: Spec, manifest: str) -> list[Key]:
    return [(name, row) for name, rows in sorted(spec.manifests.get(manifest, {}).items()) for row in rows]


def _refuse_nothing_to_unlearn(spec: Spec, plan: ShadowPlan) -> None:
    """Also says that some row must remain: no method unlearns everything."""
    kept = plan.held & ~plan.target_P
    if "unlearn" in spec.params and not (plan.gone.any(axis=1) & kept.any(axis=1)).all():
        raise Refused(
            "TOO_FEW_TO_UNLEARN",
            "expected every shadow to hold rows to unlearn and rows to keep, found one that does not.",
            "List more targets and retained rows, or draw with another seed.",
        )
