"""Engine `language.unlearn`: make a language model forget rows by one of eight methods, none of which proves it did.

Inputs: model (packed file), texts (the object before the deletion), optionally holdout (an object of never-trained
rows). Manifests: forget and retain, rows of `texts`; holdout, rows of `holdout` or else of `texts`. No other row is
read. Where the job's folder holds a `resume` folder, or the run is killed, the state lies there: a new attempt that is
given that folder and the same specification goes on from it and ends with the same bytes. May be run by many processes.
"""

from __future__ import annotations

from unlearning.language import models
from unlearning.language.distributed.joining import joined
from unlearning.language.distributed.placing import placed_whole
from unlearning.language.unlearning import unlearn_in_place
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow, read_texts

MANY_PROCESSES = True
RESUME = "resume"
_CURVE_POINTS = 200


def run(job: Job) -> Outcome:
    """Unlearn with `method` and `seed`; one thread and the same spec give the same bytes, killed or not.

    Raises: Refused with MODEL_UNREADABLE, MANIFESTS_OVERLAP, TRAINING_DIVERGED or a code of texts and of the door.
    """
    lm = models.load(job.input("model"))
    sides = {name: read_texts(job.input("texts"), job.rows(name, "texts")) for name in ("forget", "retain")}
    holdout = _holdout(job)
    _refuse_overlap(job)
    reach("mid_run")

    def told(step: int, steps: int) -> None:
        job.progress.report("unlearning", step=step, steps=steps)

    params = {name: value for name, value in job.params.items() if name not in ("method", "seed")}
    with joined() as company, placed_whole(lm, company):
        done = unlearn_in_place(
            lm,
            sides["forget"],
            sides["retain"],
            holdout,
            method=job.params["method"],
            params=params,
            seed=job.params["seed"],
            told=told,
            resume=job.folder / RESUME,
            company=company,
        )
    weights = job.scratch / "weights"
    if company.leads:
        models.save_packed(weights / models.PACKED, done.lm)
    counts = {"forgotten": len(sides["forget"]), "rows": len(sides["retain"]), "holdout": len(holdout)}
    return Outcome({**counts, **done.record, "curves": _thinned(done.curves)}, weights=weights)


def _holdout(job: Job) -> list[TextRow]:
    if "holdout" not in job.spec.manifests:
        return []
    name = "holdout" if "holdout" in job.spec.inputs else "texts"
    return read_texts(job.input(name), job.rows("holdout", name))


def _refuse_overlap(job: Job) -> None:
    lists = [job.spec.manifests.get(name, {}).get("texts", []) for name in ("forget", "retain", "holdout")]
    if len(set().union(*lists)) < sum(map(len, lists)):
        raise Refused("MANIFESTS_OVERLAP", "some rows are in two of the three manifests.", "Make them disjoint.")


def _thinned(curves: list[dict[str, float]]) -> list[dict[str, float]]:
    """At most so many points, the last one among them: a result is read by people and kept for long."""
    every = -(-len(curves) // _CURVE_POINTS)
    return curves[::-1][::every][::-1]
