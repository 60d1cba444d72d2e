"""Engine `language.retrain_adapter`: train anew the adapters that learned some rows; rung `retrained`.

Inputs: model (a packed file with adapters), base (what they stand on), texts (the object that the rows are numbered
in) and kept (the same without these rows). Manifests: forget, rows of `texts`; retain, rows of `kept` that the adapters
learn anew, none where no row is left. Writes weights/model.safetensors: what one process and one thread write is byte
for byte what training all adapters of the file without the rows would have written.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from unlearning.language.dropping import Origins
from unlearning.language.inputs import texts_of
from unlearning.language.models import PACKED, load, save_packed
from unlearning.language.one_training import trained
from unlearning.language.retraining import Left, retrain_adapters
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome

WHY = "The others were trained alone, from the same seed and base: without these rows they would be what they are."
ASSUMES = "Adapters were trained with all others off, by the parameters given, and the tokenizer from none of the rows."


def run(job: Job) -> Outcome:
    """Train what must be trained anew; one thread and the same spec give the same bytes.

    Raises: Refused with INPUT_MISSING, MANIFEST_MISSING, TRAINING_DIVERGED or a code of `retraining.retrain_adapters`.
    """
    reach("mid_run")
    model = job.input("model")
    done = retrain_adapters(
        model / PACKED if model.is_dir() else model,
        load(job.input("base")),
        job.scratch / "weights" / PACKED,
        adapters=job.params["adapters"],
        forget=job.rows("forget", "texts"),
        texts=job.input("texts"),
        origins=Origins.of(job.params["origins"]),
        left=Left(job.input("kept"), job.params["parts"]),
        train=lambda: _trained(job),
    )
    said = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(done).items()}
    return Outcome({**said, "why": WHY, "assumes": ASSUMES}, weights=job.scratch / "weights")


def _trained(job: Job) -> Path:
    """These adapters alone, on the base, as engine language.train does it; the rows to forget are not there."""
    inputs = {"texts": job.input("kept"), "base": job.input("base")}
    spec = replace(job.spec, inputs=inputs, manifests={"retain": {"texts": job.rows("retain", "kept")}})

    def told(step: int, steps: int) -> None:
        job.progress.report("training", step=step, steps=steps)

    lm, _ = trained(spec, texts_of(spec, "retain"), seed=job.params["seed"], told=told)
    path = job.scratch / "anew" / PACKED
    save_packed(path, lm)
    return path
