"""Engine `certified.delete`: noisy steps on the rows that remain, from the published model.

Inputs: model (folder), features (dataset object), ledger (the parent's ledger.json, its releases included).
Manifests: forget = the rows that leave, retain = the rows that stay. Of the rows that leave only the number is used.
"""

from __future__ import annotations

from unlearning.accounting import Deleted, Ledger, Steps
from unlearning.certified.parent import same_line
from unlearning.certified.problem import or_refused, problem_from_params
from unlearning.datasets import read_rows
from unlearning.linear import LinearModel, Preparation, save_model
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused


def run(job: Job) -> Outcome:
    """Start from the published float32 weights (nothing else survived the training) and take the steps fixed before.

    Raises: Refused with PARENT_MISMATCH, MANIFESTS_OVERLAP, EMPTY_DATASET_AFTER_DELETION, MODEL_UNREADABLE, or a code
    of the accountant, the dataset or the steps.
    """
    preparation = Preparation.from_params(job.params)
    problem = problem_from_params(job.params, preparation)
    parent, before = same_line(job, problem, preparation)
    forget, retain = _manifests(job)
    ledger = _ledger_after(before, forget=len(forget), retain=len(retain), job=job)
    rows = read_rows(job.input("features"), retain)
    from unlearning.certified.learn import learn  # torch takes two seconds to load: refuse first

    theta = learn(job, parent.theta, rows, preparation, phase="deleting")
    weights = job.scratch / "weights"
    save_model(weights, LinearModel(theta, preparation))
    outputs = {"steps": job.params["steps"], "rows": len(rows), "deleted": len(forget)}
    return Outcome(outputs, weights=weights, ledger=ledger.to_dict())


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
    left = after.rows
    if retain > left:
        raise Refused(
            "ROWS_EXCEED_N_0",
            f"expected at most {left} rows after all deletions of this line, got {retain}.",
            "List every row that ever left, or start a new line by training again.",
        )
    return after
