"""Engine `certified.train`: learn an L2-regularised logistic model with noise, and write down what was done.

Inputs: features (dataset object). Manifests: retain = the rows to learn from.
"""

from __future__ import annotations

import numpy as np

from unlearning.accounting import Ledger, Trained
from unlearning.certified.problem import problem_from_params
from unlearning.datasets import read_rows
from unlearning.linear import LinearModel, Preparation, save_model
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused


def run(job: Job) -> Outcome:
    """Start from zero, which knows no data; take the steps fixed beforehand; keep the last iterate only.

    Raises: Refused with a code of the accountant, the dataset or the steps.
    """
    preparation = Preparation.from_params(job.params)
    problem = problem_from_params(job.params, preparation)
    retain = job.rows("retain", "features")
    if job.params.get("rows", len(retain)) != len(retain):
        raise Refused(
            "ROWS_DIFFER",
            f"expected the {job.params['rows']} rows declared, got {len(retain)}.",
            "Declare their number.",
        )
    rows = read_rows(job.input("features"), retain)
    start = np.zeros((preparation.outputs, len(preparation.scales) + 1))
    from unlearning.certified.learn import learn  # torch takes two seconds to load: refuse first

    theta = learn(job, start, rows, preparation, phase="training")
    weights = job.scratch / "weights"
    save_model(weights, LinearModel(theta, preparation))
    ledger = Ledger(problem=problem, events=(Trained(steps=job.params["steps"], job=job.spec.job),))
    return Outcome({"steps": job.params["steps"], "rows": len(rows)}, weights=weights, ledger=ledger.to_dict())
