"""Methods of unlearning by the names that people know them by; for pages and for the report."""

import re

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
    "drop": "dropping the adapters that learned the rows",
    "retrain_adapter": "training the adapters that learned the rows anew, without them",
    "adversarial": "labels of near adversarial examples",
}
# Names that are no words of their own; others ("adversarial") would be found in any sentence.
BARE = re.compile(
    r"\b(?:gradient_ascent|grad_diff|idk_dpo|dpo|simnpo|npo|rmu|l1_sparse|random_label|neggrad_plus|salun|retrain_adapter)\b"
)


def method_words(name: str) -> str:
    return METHODS.get(name, name.replace("_", " "))


def method_short(name: str) -> str:
    """'NPO' of 'NPO (negative preference optimisation)'."""
    return method_words(name).partition(" (")[0]


def named(text: str) -> str:
    """A sentence written for machines and people alike, with the bare names of methods as people write them."""
    return BARE.sub(lambda found: method_short(found[0]), text)
