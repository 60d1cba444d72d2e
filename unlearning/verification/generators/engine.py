"""Engine `verify.generator`: what of the deleted does a generator still give? Measurements; the verdict is another's.

Inputs: candidate, original (folders of generator.train); references (one folder with seed_<k>/) or reference_0, ...;
objects of rows as the manifests name them (features: the one before the deletion; holdout).
Manifests, each {input name: rows}: forget (deleted pictures), holdout (pictures in no generator, of every class).
A decoder is searched for a class, an inpainter for each deleted picture.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused
from unlearning.verification.generators.inpainting import Masked
from unlearning.verification.generators.inpainting_arms import (
    InpainterModels,
    Pictures,
    inpainting_arms,
    inpainting_lines,
)
from unlearning.verification.generators.inputs import Generators, Labelled, generators_of, pictures_of
from unlearning.verification.generators.judges import Judges, train_judges
from unlearning.verification.generators.latent import Search
from unlearning.verification.generators.latent_arms import Aim, GeneratorModels, latent_arms, latent_lines
from unlearning.verification.generators.nearness import yardstick
from unlearning.verification.generators.utility import PER_LABEL, completed_right, drawn_right
from unlearning.verification.measurements import Measurement, document, utility


def run(job: Job) -> Outcome:
    """Measure utility, then attack, with all arms.

    Raises: Refused with NOTHING_TO_TEST, CANARIES_UNFIT, REFERENCE_MISSING, MODEL_MISMATCH, MODEL_UNREADABLE,
    LABEL_MISSING, LABEL_UNKNOWN, TOO_FEW_PICTURES, PICTURES_REPEATED, JUDGES_TOO_WEAK or a code of the dataset.
    """
    generators = generators_of(job)
    if job.spec.manifests.get("canaries"):
        raise Refused(
            "CANARIES_UNFIT",
            "expected no canaries manifest: planted pictures have no never-seen twins here, got one.",
            "Name planted pictures under forget; their lines are then sealed as people's are.",
        )
    forget, holdout = (pictures_of(job, name, generators.blueprint) for name in ("forget", "holdout"))
    reach("mid_run")
    measured = _decoders if generators.blueprint.family == "decoder" else _inpainters
    lines = measured(job, generators, forget, holdout)
    return Outcome({"references": len(generators.references)}, measurements=document(lines))


def _decoders(job: Job, generators: Generators, forget: Labelled, holdout: Labelled) -> list[Measurement]:
    blueprint, params = generators.blueprint, job.params
    label, never = _position(job, generators, "label"), _position(job, generators, "never_label")
    if label is None:
        raise Refused("LABEL_MISSING", "expected the class that was to be forgotten, got none.", "Set label.")
    classes = len(blueprint.classes)
    judges = train_judges(holdout.pictures, holdout.labels, classes=classes, seed=params["seed"])
    aim = Aim(label, yardstick(forget.of(label), holdout.of(label), nearness=params["nearness"]))
    unseen = None if never is None else _never(holdout, never, nearness=params["nearness"])
    search = Search(
        latent=blueprint.latent,
        classes=classes,
        steps=params["search_steps"],
        noises=params["noises"],
        rate=params["rate"],
        seed=params["seed"],
    )
    models = GeneratorModels(generators.candidate, generators.original, generators.references)
    kept = [position for position in range(classes) if position not in (label, never)]

    def right(model: Callable[[Tensor, Tensor], Tensor]) -> int:
        return drawn_right(model, judges, labels=kept, latent=blueprint.latent, classes=classes, seed=params["seed"])

    lines = [utility(arm, right=right(model), trials=len(kept) * PER_LABEL) for arm, model in models.arms()]
    for step, door in enumerate(params["doors"], start=1):
        arms = latent_arms(models, judges, aim, door, search, never=unseen)
        lines += latent_lines(arms, door, search, tier="sealed")
        job.progress.report("searching", step=step, steps=len(params["doors"]))
    return lines


def _never(holdout: Labelled, label: int, *, nearness: float) -> Aim:
    """A class in no model: half of its never-seen pictures stand for the real ones."""
    real, others = Labelled(holdout.of(label), holdout.labels[holdout.labels == label]).halves()
    return Aim(label, yardstick(real.pictures, others.pictures, nearness=nearness))


def _inpainters(job: Job, generators: Generators, forget: Labelled, holdout: Labelled) -> list[Measurement]:
    params, hidden = job.params, generators.blueprint.hidden
    models = InpainterModels(generators.candidate, generators.original, generators.references)
    masked = Masked(hidden=hidden, budgets=params["budgets"], norm=params["norm"], steps=params["steps"])
    deleted, unseen = (_goals(generators, part, job) for part in (forget, holdout))
    learned, judged = holdout.halves()
    classes = len(generators.blueprint.classes)
    judges = train_judges(learned.pictures, learned.labels, classes=classes, seed=params["seed"])
    lines = _completed(generators, judges, judged)
    job.progress.report("attacking", step=1, steps=2)
    far, gained = inpainting_arms(models, deleted, unseen, masked)
    job.progress.report("attacking", step=2, steps=2)
    return lines + inpainting_lines(
        far, gained, params["budgets"], false_positives=params["false_positives"], tier="sealed"
    )


def _goals(generators: Generators, part: Labelled, job: Job) -> Pictures:
    if job.params["target"] == "truth":
        return Pictures(part.pictures, part.pictures)
    return Pictures(part.pictures, generators.original(part.pictures).detach())


def _completed(generators: Generators, judges: Judges, judged: Labelled) -> list[Measurement]:
    hidden = generators.blueprint.hidden
    return [
        utility(arm, right=completed_right(model, judges, judged.pictures, judged.labels, hidden), trials=len(judged))
        for arm, model in generators.arms()
    ]


def _position(job: Job, generators: Generators, name: str) -> int | None:
    if name not in job.params:
        return None
    classes = generators.blueprint.classes
    if job.params[name] not in classes:
        raise Refused("LABEL_UNKNOWN", f"expected {name} among the public classes, got another.", "Correct it.")
    return classes.index(job.params[name])
