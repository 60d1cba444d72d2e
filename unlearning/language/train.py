"""Engine `language.train`: a language model trained to answer. It carries no certificate.

Inputs: texts; base (a packed model or a Hugging Face folder) or tokenizer, both optional. Manifests: retain = rows to
use. Writes weights/model.safetensors, packed (see packing). May be run by many processes, with weights in shards.
"""

from __future__ import annotations

from unlearning.language.distributed.joining import joined
from unlearning.language.inputs import texts_of
from unlearning.language.models import PACKED, save_packed
from unlearning.language.one_training import trained
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome

MANY_PROCESSES = True


def run(job: Job) -> Outcome:
    """Train from `seed`; one thread and the same spec give the same bytes.

    Raises: Refused with TRAINING_DIVERGED or a code of the texts, the model, the adapter or the encoding.
    """
    rows = texts_of(job.spec, "retain")
    reach("mid_run")

    def told(step: int, steps: int) -> None:
        job.progress.report("training", step=step, steps=steps)

    with joined() as company:
        lm, _ = trained(job.spec, rows, seed=job.params["seed"], told=told, company=company)
    if company.leads:
        save_packed(job.scratch / "weights" / PACKED, lm)
    # Not after how many epochs it knew its rows: a result outlives the rows that are erased later.
    return Outcome({"rows": len(rows)}, weights=job.scratch / "weights")
