"""Engine `verify.witness`: were the ledger's noise and steps really there? It can accuse; it never clears.

Inputs: new (model folder), old (model folder that the last run started from; not needed when it started from zero),
features (dataset object), ledger (the new model's ledger.json). Manifests: retain = the rows that the last run saw.
"""

from __future__ import annotations

import numpy as np

from unlearning.accounting import AccountingError, Ledger
from unlearning.datasets import read_rows
from unlearning.linear import LinearModel, load_model
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused
from unlearning.witness.claim import CannotTellError, Claim, claim_of
from unlearning.witness.finding import Finding, Means, examine
from unlearning.witness.measurements import could_not_tell, document
from unlearning.witness.objective import Objective, prepared, targets
from unlearning.witness.words import outputs_of, outputs_without_answer


def run(job: Job) -> Outcome:
    """Examine the published weights; what cannot be told is `inconclusive` with its reason, not an error.

    Raises: Refused with MODEL_UNREADABLE, MODEL_MISMATCH, INPUT_MISSING, or a code of the ledger or the dataset.
    """
    new = load_model(job.input("new"))
    ledger = _ledger(job)
    try:
        finding = _examined(job, claim_of(ledger), new)
    except CannotTellError as refusal:
        return Outcome(outputs_without_answer(refusal), measurements=could_not_tell())
    return Outcome(outputs_of(finding), measurements=document(finding))


def _examined(job: Job, claim: Claim, new: LinearModel) -> Finding:
    # A run from zero may still have had a model before it: its weights must not be released again either.
    old = load_model(job.input("old")) if claim.before or "old" in job.spec.inputs else None
    if claim.classes != len(new.preparation.classes) or (old is not None and old.preparation != new.preparation):
        raise Refused(
            "MODEL_MISMATCH",
            "expected old model, new model and ledger of one line, found other classes or another preparation.",
            "Give the models that this ledger belongs to.",
        )
    objective = _objective(job, claim, new)
    reach("mid_run")
    means = Means(
        level=job.params["level"],
        simulations=job.params["simulations"],
        seed=job.params["seed"],
        report=lambda step, steps: job.progress.report("examining", step=step, steps=steps),
    )
    return examine(objective, claim, old_KG=None if old is None else old.theta, new_KG=new.theta, means=means)


def _objective(job: Job, claim: Claim, new: LinearModel) -> Objective:
    public = new.preparation
    rows = read_rows(job.input("features"), job.rows("retain", "features"))
    if not set(rows.labels.tolist()) <= set(public.classes):
        raise Refused("LABEL_UNKNOWN", "some row carries a label outside the public classes.", "Declare them all.")
    if rows.features.shape[1] != len(public.scales):
        width = f"expected {len(public.scales)} features, got {rows.features.shape[1]}."
        raise Refused("WIDTH_MISMATCH", width, "Give the dataset that this model was trained on.")
    rows_NG = prepared(rows.features, centres=public.centres, scales=public.scales, norm_bound=claim.norm_bound)
    targets_NK = targets(rows.labels, public.classes, claim.loss)
    if targets_NK.shape[1] != len(new.theta):
        raise Refused("MODEL_MISMATCH", "expected one row of weights per output of the loss.", "Give its own ledger.")
    return Objective(rows_NG, np.ascontiguousarray(targets_NK), claim.loss, claim.lam, claim.n_0)


def _ledger(job: Job) -> Ledger:
    try:
        return Ledger.from_json(job.input("ledger").read_bytes())
    except AccountingError as error:
        raise Refused(error.code, error.message, error.remedy) from error
