"""Engine `generator.train`: train one of the small generators. Inputs: features. Manifests: retain = rows to use.

Run once with each of K seeds on the rows that stay it makes the references of `verify.generator`.
"""

from __future__ import annotations

from unlearning.datasets import read_rows
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.verification.generators.models import Blueprint, save_generator
from unlearning.verification.generators.training import fit


def run(job: Job) -> Outcome:
    """Train on the retained rows and write weights/model.safetensors.

    Raises: Refused with GENERATOR_INVALID, WIDTH_MISMATCH, LABEL_UNKNOWN or a code of the dataset.
    """
    blueprint = Blueprint.from_params(job.params)
    rows = read_rows(job.input("features"), job.rows("retain", "features"))
    pictures_NF, labels_N = blueprint.scaled(rows.features), blueprint.positions(rows.labels)
    reach("mid_run")

    def told(step: int, steps: int) -> None:
        job.progress.report("training", step=step, steps=steps)

    params = job.params
    made = fit(
        blueprint, pictures_NF, labels_N, epochs=params["epochs"], lr=params["lr"], seed=params["seed"], progress=told
    )
    weights = job.scratch / "weights"
    save_generator(weights, made)
    return Outcome({"rows": len(rows)}, weights=weights)
