"""Engine `classifier.unlearn`: make a network forget rows by one of eight methods, none of which proves that it did.

Inputs: model (a network folder), features (the object before the deletion). Manifests: forget, retain, row indexes of
`features`; forget may be a few records or a whole class. No other row is read.
"""

from __future__ import annotations

import torch

from unlearning.classifiers.forgetting import unlearn
from unlearning.classifiers.inputs import Prepared, prepared
from unlearning.classifiers.network import load_network, save_network
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused


def run(job: Job) -> Outcome:
    """Unlearn with `method` and `seed`; one thread and the same spec give the same bytes.

    Raises: Refused with MODEL_UNREADABLE, MANIFESTS_OVERLAP, TRAINING_DIVERGED or a code of dataset or preparation.
    """
    network = load_network(job.input("model"))
    forget, retain = (prepared(job.spec, name, network.architecture) for name in ("forget", "retain"))
    if set(job.rows("forget", "features")) & set(job.rows("retain", "features")):
        raise Refused("MANIFESTS_OVERLAP", "some rows are both to be forgotten and to be kept.", "Make them disjoint.")
    reach("mid_run")

    def told(step: int, steps: int) -> None:
        job.progress.report("unlearning", step=step, steps=steps)

    lighter = unlearn(network, forget=_rows(forget), retain=_rows(retain), progress=told, **job.params)
    save_network(job.scratch / "weights", lighter)
    outputs = {"method": job.params["method"], "forgotten": len(forget), "rows": len(retain)}
    return Outcome(outputs, weights=job.scratch / "weights")


def _rows(rows: Prepared) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(rows.x), torch.from_numpy(rows.y)
