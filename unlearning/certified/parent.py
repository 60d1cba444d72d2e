"""A deletion or insertion goes on from a model that was published, under the constants it was trained with."""

from __future__ import annotations

import numpy as np

from unlearning.accounting import Ledger, Problem
from unlearning.certified.problem import or_refused
from unlearning.linear import LinearModel, Preparation, load_model
from unlearning.runner.job import Job
from unlearning.runner.refusals import Refused

# A newer engine may know a tighter bound; what the parent was charged stands as long as it is enough.
_ROUNDING = ("rho", "theta_bound")


def same_line(job: Job, problem: Problem, preparation: Preparation) -> tuple[LinearModel, Ledger]:
    """The parent and its ledger. The certificate is about one pipeline: another lam or class list would be another one.

    Raises: Refused with PARENT_MISMATCH, MODEL_UNREADABLE or a code of the accountant.
    """
    parent = load_model(job.input("model"))
    before = or_refused(lambda: Ledger.from_json(job.input("ledger").read_bytes()))
    mine, frozen = problem.to_json(), before.problem.to_json()
    differing = [name for name in mine if name not in _ROUNDING and mine[name] != frozen[name]]
    if problem.rho > before.problem.rho:
        differing.append("rho")
    if parent.preparation != preparation:
        differing.append("the model's preparation")
    if np.linalg.norm(parent.theta) > before.problem.theta_bound:
        differing.append("the length of the weights")
    if differing:
        raise Refused(
            "PARENT_MISMATCH",
            f"expected the parent's frozen constants, got others: {', '.join(differing)}.",
            "Take every constant from the parent's ledger; only `steps` may differ.",
        )
    return parent, before
