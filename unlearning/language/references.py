"""Engine `language.references`: the same training from K seeds in one job, in parallel children of one thread each.

Inputs and manifests as `language.train`. Writes weights/seed_<seed>/model.safetensors, with the bytes that
`language.train` gives for that seed on one thread. The children die with the runner, kill -9 included.
"""

from __future__ import annotations

from unlearning.classifiers.children import Children
from unlearning.classifiers.references import usable_cores
from unlearning.language.encoding import encode
from unlearning.language.grouping import parts_of
from unlearning.language.inputs import start_of, texts_of
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome

_CHILD = "unlearning.language.reference_child"


def run(job: Job) -> Outcome:
    """Train one model per seed.

    Raises: Refused with TRAINING_DIVERGED or a code of the texts, the model or the encoding.
    """
    seeds, epochs = job.params["seeds"], job.params["epochs"]
    # Everything that can be refused is refused here, before a child costs anything.
    rows = texts_of(job.spec, "retain")
    tokenizer = start_of(job.spec, seed=seeds[0]).tokenizer
    if "adapter" in job.params:
        parts_of(job.spec, rows)
    encode(tokenizer, rows, template=job.params["template"], most_tokens=job.params["most_tokens"])
    weights = job.scratch / "weights"
    weights.mkdir()
    most = job.params.get("cores", usable_cores())
    children = Children(job.folder, weights, seeds, most=most, module=_CHILD)
    job.before_cancel(children.kill)
    children.start()
    reach("mid_run")

    def told(done: int) -> None:
        job.progress.report("training references", step=done, steps=epochs * len(seeds))

    children.wait(told)
    return Outcome({"rows": len(rows), "references": len(seeds)}, weights=weights)
