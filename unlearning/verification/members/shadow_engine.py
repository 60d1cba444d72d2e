"""Engine `classifier.shadows`: networks on random halves of people and strangers, for membership tests.

Inputs: features, and any other object that the manifests name (holdout). Manifests: forget, canaries, holdout = rows to
be tested for membership, beside never-seen ones; retain = rows that stay. Writes weights/trained_<s>/ and, with
`unlearn`, weights/unlearned_<s>/ (method and options as in classifier.unlearn, run on the targets that shadow held),
and weights/membership.safetensors: row positions only. Shadows hold people, the deleted among them: curator state,
never released and destroyed with the verdict, like references.
"""

from __future__ import annotations

from unlearning.classifiers.architecture import Architecture
from unlearning.classifiers.children import Children
from unlearning.classifiers.references import usable_cores
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.verification.members.shadow_child import TENTHS
from unlearning.verification.members.shadow_file import save_membership
from unlearning.verification.members.shadow_plan import plan_of
from unlearning.verification.members.shadow_rows import rows_at

CHILD = "unlearning.verification.members.shadow_child"


def run(job: Job) -> Outcome:
    """Train the shadows, as many at a time as there are cores, each in a child process of one thread.

    Raises: Refused with ARCHITECTURE_INVALID, TRAINING_DIVERGED, MANIFEST_MISSING, MANIFESTS_OVERLAP,
    TOO_FEW_TO_UNLEARN or a code of the dataset or the preparation.
    """
    params, plan = job.params, plan_of(job.spec)
    # Everything that can be refused is refused here, before a child costs anything.
    rows_at(job.spec, plan.pool, Architecture.from_params(params))
    weights = job.scratch / "weights"
    weights.mkdir()
    save_membership(weights, plan, unlearned="unlearn" in params)
    count = params["shadows"]
    children = Children(job.folder, weights, range(count), most=params.get("cores", usable_cores()), module=CHILD)
    job.before_cancel(children.kill)
    children.start()
    reach("mid_run")
    steps = count * (params["epochs"] + (TENTHS if "unlearn" in params else 0))
    children.wait(lambda done: job.progress.report("training shadows", step=done, steps=steps))
    return Outcome({"rows": len(plan.pool), "shadows": count}, weights=weights)
