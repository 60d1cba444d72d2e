"""Engine `language.drop`: leave out adapters that alone were trained on some rows; rung `retrained`.

Inputs: model (a packed file with adapters), texts (the object that the rows are numbered in). Manifests: forget, rows
of `texts`. Writes weights/model.safetensors, byte for byte what training without these adapters would have written.
"""

from __future__ import annotations

from dataclasses import asdict

from unlearning.language.dropping import Origins, drop
from unlearning.language.models import PACKED
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome

WHY = "Nothing that stays was trained on these rows or on a copy of them, as far as lineage tells."
ASSUMES = "Adapters were trained with all others off, and the tokenizer was learned from none of these rows."


def run(job: Job) -> Outcome:
    """Drop; the same spec gives the same bytes. It refuses wherever dropping would not be retraining.

    Raises: Refused with INPUT_MISSING, MANIFEST_MISSING or a code of `dropping.drop`.
    """
    reach("mid_run")
    model = job.input("model")
    done = drop(
        model / PACKED if model.is_dir() else model,
        job.scratch / "weights" / PACKED,
        adapters=job.params["adapters"],
        forget=job.rows("forget", "texts"),
        texts=job.input("texts"),
        origins=Origins.of(job.params["origins"]),
    )
    said = {**asdict(done), "adapters": list(done.adapters), "staying": list(done.staying)}
    return Outcome({**said, "why": WHY, "assumes": ASSUMES}, weights=job.scratch / "weights")
