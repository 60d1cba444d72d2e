"""Engine `verify.linear`: attack a candidate beside its controls, and write measurements. The verdict is another's.

Inputs: candidate, original (model folders); reference_0, reference_1, ... (model folders, any number); features (the
object before the deletion); optionally holdout (an object of people never held).
Manifests, each {input name: rows}: forget (deleted people), canaries (planted rows, deleted too), holdout.
"""

from __future__ import annotations

import numpy as np

from unlearning.datasets import read_rows
from unlearning.linear import LinearModel, Preparation, load_model
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused
from unlearning.verification.arms import Models, Probe, attack_arms
from unlearning.verification.canaries import unseen_twins
from unlearning.verification.measurements import Measurement, Tier, document, ladder, membership, sealed, utility
from unlearning.verification.members.curves import auc
from unlearning.verification.members.signals import losses
from unlearning.verification.rows_apart import refuse_overlap
from unlearning.verification.utility import right_answers


def run(job: Job) -> Outcome:
    """Measure utility, then attack deleted people and canaries, each with all arms.

    Raises: Refused with NOTHING_TO_TEST, MODEL_MISMATCH, MODEL_UNREADABLE or a code of the dataset.
    """
    refuse_overlap(job)
    models = _models(job)
    preparation = models.candidate.preparation
    holdout = _probe(job, "holdout", preparation)
    forget, canaries = _probe(job, "forget", preparation), _probe(job, "canaries", preparation)
    if holdout is None or (forget is None and canaries is None):
        raise Refused(
            "NOTHING_TO_TEST",
            "expected a holdout manifest and a forget or canaries manifest, got fewer.",
            "Name never-seen rows, and deleted people or canaries.",
        )
    lines = _utility(models, holdout)
    job.progress.report("attacking", step=1, steps=3)
    reach("mid_run")
    if forget is not None:
        lines += _attack(job, models, forget, holdout, prefix="", tier="sealed")
    job.progress.report("attacking", step=2, steps=3)
    if canaries is not None:
        seed = job.params["seed"]
        twins = Probe(*unseen_twins(canaries.features, preparation, count=4 * len(canaries), seed=seed))
        lines += _attack(job, models, canaries, twins, prefix="canary.", tier="open")
    job.progress.report("attacking", step=3, steps=3)
    # Not how many lines there are: which probes could be made, and which budgets told anything, follows from the rows.
    return Outcome({"references": len(models.references)}, measurements=document(lines))


def _models(job: Job) -> Models:
    names = [name for name in job.spec.inputs if name.startswith("reference_")]
    references = tuple(load_model(job.input(name)) for name in sorted(names, key=lambda name: (len(name), name)))
    models = Models(load_model(job.input("candidate")), load_model(job.input("original")), references)
    if any(model.preparation != models.candidate.preparation for model in (models.original, *references)):
        raise Refused(
            "MODEL_MISMATCH",
            "expected candidate, original and references to prepare rows alike, found another preparation.",
            "Train the references with the candidate's public constants.",
        )
    return models


def _probe(job: Job, manifest: str, preparation: Preparation) -> Probe | None:
    """The rows that a manifest lists over all inputs; canaries are nobody and leave the people's probe."""
    listed = {name: list(rows) for name, rows in job.spec.manifests.get(manifest, {}).items()}
    if manifest == "forget":
        planted = job.spec.manifests.get("canaries", {})
        listed = {name: [row for row in rows if row not in set(planted.get(name, ()))] for name, rows in listed.items()}
    parts = [read_rows(job.input(name), rows) for name, rows in listed.items() if rows]
    if not parts:
        return None
    labels = np.concatenate([preparation.positions(part.labels) for part in parts])
    return Probe(np.concatenate([part.features for part in parts]), labels)


def _attack(job: Job, models: Models, deleted: Probe, unseen: Probe, *, prefix: str, tier: Tier) -> list[Measurement]:
    norm, target, seed = job.params["norm"], job.params["target"], job.params["seed"]
    arms = attack_arms(models, deleted, unseen, norm=norm, target=target, seed=seed)
    lines = ladder(f"{prefix}uma.{norm}.{target}", arms, job.params["budgets"], deleted_tier=tier)
    lines = sealed(lines) if target == "with_original" else lines
    for arm, model in _deleted_arms(models):
        own = losses(model.training_scores(deleted.features), deleted.labels)
        others = losses(model.training_scores(unseen.features), unseen.labels)
        lines.append(membership(f"{prefix}membership.loss", arm, own, auc=auc(-own, -others), tier=tier))
    return lines


def _utility(models: Models, holdout: Probe) -> list[Measurement]:
    return [
        utility(arm, right=right_answers(model.scores(holdout.features), holdout.labels), trials=len(holdout))
        for arm, model in _deleted_arms(models)
    ]


def _deleted_arms(models: Models) -> list[tuple[str, LinearModel]]:
    controls = [(f"B:{k}", model) for k, model in enumerate(models.references)]
    return [("A", models.candidate), *controls, ("P", models.original)]
