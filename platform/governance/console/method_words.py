"""Methods of unlearning and kinds of work by the names that people know them by."""

import re

from governance.console.wording import PURPOSES
from governance.jobs.models import Job

METHODS = {
    "gradient_ascent": "gradient ascent",
    "grad_diff": "GradDiff (ascent on the erased, descent on the kept)",
    "kl": "KL (ascent on the erased, old answers on the kept)",
    "dpo": "DPO (other answers preferred)",
    "idk_dpo": "IdkDPO (“I don't know” preferred)",
    "npo": "NPO (negative preference optimisation)",
    "simnpo": "SimNPO (preference without the old model)",
    "rmu": "RMU (representations steered away)",
    "finetune": "fine-tuning on the rows to keep",
    "l1_sparse": "fine-tuning to few weights (l1-sparse)",
    "random_label": "random labels",
    "salun": "SalUn (random labels in the weights that matter)",
    "neggrad_plus": "NegGrad+ (ascent on the erased, descent on the kept)",
    "scrub": "SCRUB (a student that keeps away from its teacher)",
    "adversarial": "labels of near adversarial examples",
}
# Names that are no words of their own; others ("adversarial") would be found in any sentence.
BARE = re.compile(
    r"\b(?:gradient_ascent|grad_diff|idk_dpo|dpo|simnpo|npo|rmu|l1_sparse|random_label|neggrad_plus|salun)\b"
)
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


def method_words(name: str) -> str:
    return METHODS.get(name, name.replace("_", " "))


def method_short(name: str) -> str:
    """'NPO' of 'NPO (negative preference optimisation)'."""
    return method_words(name).partition(" (")[0]


def named(text: str) -> str:
    """A sentence written for machines and people alike, with the bare names of methods as people write them."""
    return BARE.sub(lambda found: method_short(found[0]), text)


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
