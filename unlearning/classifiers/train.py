"""Engine `classifier.train`: a network of one family, trained without noise. It carries no certificate.

Inputs: features. Manifests: retain = rows to use.
"""

from __future__ import annotations

from unlearning.classifiers.architecture import Architecture
from unlearning.classifiers.inputs import prepared
from unlearning.classifiers.network import save_network
from unlearning.classifiers.one_training import trained
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome


def run(job: Job) -> Outcome:
    """Train from `seed`; one thread and the same spec give the same bytes.

    Raises: Refused with ARCHITECTURE_INVALID, TRAINING_DIVERGED or a code of the dataset or the preparation.
    """
    architecture = Architecture.from_params(job.params)
    rows = prepared(job.spec, "retain", architecture)
    reach("mid_run")

    def told(step: int, steps: int) -> None:
        job.progress.report("training", step=step, steps=steps)

    network = trained(architecture, rows, job.params, seed=job.params["seed"], progress=told)
    save_network(job.scratch / "weights", network)
    return Outcome({"rows": len(rows)}, weights=job.scratch / "weights")
