"""Engine `certified.delete`: noisy steps on the rows that remain, from the published model.

Inputs: model (folder), features (dataset object), ledger (the parent's ledger.json, its releases included).
Manifests: forget = the rows that leave, retain = the rows that stay. Of the rows that leave only the number is used.
"""

from __future__ import annotations

import numpy as np

from unlearning.accounting import Deleted, Ledger, Problem, Steps
from unlearning.certified.problem import or_refused, problem_from_params
from unlearning.datasets import read_rows
from unlearning.linear import LinearModel, Preparation, load_model, save_model
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused

# A newer engine may know a tighter bound; what the parent was charged stands as long as it is enough.
_ROUNDING = ("rho", "theta_bound")


def run(job: Job) -> Outcome:
    """Start from the published float32 weights (nothing else survived the training) and take the steps fixed before.

    Raises: Refused with PARENT_MISMATCH, MANIFESTS_OVERLAP, EMPTY_DATASET_AFTER_DELETION, MODEL_UNREADABLE, or a code
    of the accountant, the dataset or the steps.
    """
    preparation = Preparation.from_params(job.params)
    problem = problem_from_params(job.params, preparation)
    parent, before = _same_line(job, problem, preparation)
    forget, retain = _manifests(job)
    ledger = _ledger_after(before, forget=len(forget), retain=len(retain), job=job)
    rows = read_rows(job.input("features"), retain)
    from unlearning.certified.learn import learn  # torch takes two seconds to load: refuse first

    theta = learn(job, parent.theta, rows, preparation, phase="deleting")
    weights = job.scratch / "weights"
    save_model(weights, LinearModel(theta, preparation))
    outputs = {"steps": job.params["steps"], "rows": len(rows), "deleted": len(forget)}
    return Outcome(outputs, weights=weights, ledger=ledger.to_dict())


def _same_line(job: Job, problem: Problem, preparation: Preparation) -> tuple[LinearModel, Ledger]:
    """The certificate is about one pipeline: another lam, norm bound or class list would be another one."""
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


def _manifests(job: Job) -> tuple[list[int], list[int]]:
    forget, retain = job.rows("forget", "features"), job.rows("retain", "features")
    if not forget:
        raise Refused("NO_ROWS", "expected at least one row to delete, got none.", "Name the rows to forget.")
    if not retain:
        raise Refused(
            "EMPTY_DATASET_AFTER_DELETION", "the deletion would leave no row at all.", "Withdraw the model instead."
        )
    if set(forget) & set(retain):
        raise Refused("MANIFESTS_OVERLAP", "some rows are both to be forgotten and to be kept.", "Make them disjoint.")
    return forget, retain


def _ledger_after(before: Ledger, *, forget: int, retain: int, job: Job) -> Ledger:
    name, steps = job.spec.job, job.params["steps"]
    after = or_refused(lambda: before.then(Deleted(records=forget, batch=name), Steps(steps=steps, job=name)))
    left = after.problem.n - after.removed
    if retain > left:
        raise Refused(
            "ROWS_EXCEED_N_0",
            f"expected at most {left} rows after all deletions of this line, got {retain}.",
            "List every row that ever left, or start a new line by training again.",
        )
    return after
