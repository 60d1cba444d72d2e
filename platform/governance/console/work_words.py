"""Kinds of models and of work by the names that people know them by."""

from governance.console.wording import PURPOSES
from governance.jobs.models import Job
from governance.verification.method_words import method_short

ENGINES = {
    "language.train": "language model",
    "classifier.train": "network for classes",
    "certified.train": "linear model with a ledger",
    "train.plain": "linear model without a ledger",
    "recipe": "its owner's own command",
    "generator.train": "generator of pictures",
}
WORK = {
    Job.Purpose.TRAIN: "Training",
    Job.Purpose.UNLEARN: "Unlearning",
    Job.Purpose.RETRAIN: "Retraining without the records",
    Job.Purpose.REFERENCE: "Retrained references to compare with",
    Job.Purpose.VERIFY: "Verification: the adversary attacks",
    Job.Purpose.QUALIFY: "Trial of a recipe",
}
SHADOWS = "Shadow models to compare with"


def engine_words(name: str) -> str:
    return ENGINES.get(name, name)


def work_words(job: Job) -> str:
    """What a job does, in words; with its method where it has one. The engine's name stands beside it."""
    if job.engine.endswith(".shadows"):
        return SHADOWS
    words = WORK.get(Job.Purpose(job.purpose), PURPOSES.get(job.purpose, job.purpose).capitalize())
    if job.purpose == Job.Purpose.NONE:
        return job.engine
    if job.engine == "verify.witness":
        return "Witness of noise and steps"
    method = (job.spec.get("params") or {}).get("method")
    return f"{words} with {method_short(method)}" if method else words
