"""Engine `classifier.references`: the same training from K seeds in one job, in parallel children of one thread each.

Inputs: features. Manifests: retain = rows to use. Writes weights/seed_<seed>/model.safetensors, with the bytes that
`classifier.train` gives for that seed on one thread. The children die with the runner, kill -9 included.
"""

from __future__ import annotations

import os

from unlearning.classifiers.architecture import Architecture
from unlearning.classifiers.children import Children
from unlearning.classifiers.inputs import prepared
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome


def run(job: Job) -> Outcome:
    """Train one network per seed.

    Raises: Refused with ARCHITECTURE_INVALID, TRAINING_DIVERGED or a code of the dataset or the preparation.
    """
    seeds, epochs = job.params["seeds"], job.params["epochs"]
    # Everything that can be refused is refused here, before a child costs anything; torch is not needed for it.
    rows = len(prepared(job.spec, "retain", Architecture.from_params(job.params)))
    weights = job.scratch / "weights"
    weights.mkdir()
    children = Children(job.folder, weights, seeds, most=job.params.get("cores", usable_cores()))
    job.before_cancel(children.kill)
    children.start()
    reach("mid_run")

    def told(done: int) -> None:
        job.progress.report("training references", step=done, steps=epochs * len(seeds))

    children.wait(told)
    return Outcome({"rows": rows, "references": len(seeds)}, weights=weights)


def usable_cores() -> int:
    """The cores this process may use, which in a container may be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
