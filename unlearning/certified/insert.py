"""Engine `certified.insert`: new rows into free slots, then noisy steps on all rows, from the published model.

Inputs: model (folder), features (dataset object), ledger (the parent's ledger.json, its releases included).
Manifests: insert = the rows that come, retain = the rows that are there already. A new row's slot must be one that no
row of the model has: with mini-batches it decides when the row is seen, and every price is the maximum over slots.
"""

from __future__ import annotations

from unlearning.accounting import Inserted, Steps
from unlearning.certified.parent import same_line
from unlearning.certified.problem import or_refused, problem_from_params
from unlearning.datasets import read_rows
from unlearning.linear import LinearModel, Preparation, save_model
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused


def run(job: Job) -> Outcome:
    """Start from the published float32 weights and take the steps fixed before.

    Raises: Refused with PARENT_MISMATCH, MANIFESTS_OVERLAP, ROWS_EXCEED_N_0, NO_ROWS, MODEL_UNREADABLE, or a code of
    the accountant, the dataset or the steps.
    """
    preparation = Preparation.from_params(job.params)
    problem = problem_from_params(job.params, preparation)
    parent, before = same_line(job, problem, preparation)
    insert, retain = _manifests(job)
    if len(retain) > before.rows:
        raise Refused(
            "ROWS_EXCEED_N_0",
            f"expected at most {before.rows} rows that are there already, got {len(retain)}.",
            "List every new row under insert.",
        )
    name, steps = job.spec.job, job.params["steps"]
    ledger = or_refused(lambda: before.then(Inserted(records=len(insert), batch=name), Steps(steps=steps, job=name)))
    rows = read_rows(job.input("features"), [*retain, *insert])
    from unlearning.certified.learn import learn  # torch takes two seconds to load: refuse first

    theta = learn(job, parent.theta, rows, preparation, phase="inserting")
    weights = job.scratch / "weights"
    save_model(weights, LinearModel(theta, preparation))
    outputs = {"steps": steps, "rows": len(rows), "inserted": len(insert)}
    return Outcome(outputs, weights=weights, ledger=ledger.to_dict())


def _manifests(job: Job) -> tuple[list[int], list[int]]:
    insert, retain = job.rows("insert", "features"), job.rows("retain", "features")
    if not insert:
        raise Refused("NO_ROWS", "expected at least one row to insert, got none.", "Name the rows that come.")
    if set(insert) & set(retain):
        raise Refused("MANIFESTS_OVERLAP", "some rows are both new and there already.", "Make them disjoint.")
    return insert, retain
