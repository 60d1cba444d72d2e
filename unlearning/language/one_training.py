"""One training of one seed, as engine `language.train` and each child of `language.references` do it."""

from __future__ import annotations

from collections.abc import Sequence

from unlearning.language.adapters import adapters_of, use, with_adapter
from unlearning.language.distributed.company import ALONE, Company
from unlearning.language.distributed.placing import placed
from unlearning.language.inputs import start_of
from unlearning.language.models import LanguageModel
from unlearning.language.training import Fitted, Told, checkpointing, fit
from unlearning.runner.jobfolder import Spec
from unlearning.texts import TextRow

_RECIPE = ("epochs", "batch", "lr", "weight_decay", "template", "accumulation", "precision", "most_tokens")


def trained(
    spec: Spec, rows: Sequence[TextRow], *, seed: int, told: Told | None = None, company: Company = ALONE
) -> tuple[LanguageModel, Fitted]:
    """The model of a specification and a seed, and what its training came to.

    An adapter is trained with all others off, so that each can be dropped without having shaped another.
    Raises: Refused with TRAINING_DIVERGED or a code of the model, the adapter or the encoding.
    """
    lm = start_of(spec, seed=seed)
    if wanted := spec.params.get("adapter"):
        rank, alpha = wanted.get("rank", 8), wanted.get("alpha", 16.0)
        lm = with_adapter(lm, rank=rank, alpha=alpha, seed=seed, name=wanted["name"], targets=wanted.get("targets"))
    recipe = {name: spec.params[name] for name in _RECIPE}
    recipe |= {"seed": seed, "until_nll": spec.params.get("until_nll"), "told": told, "company": company}
    with placed(lm, company, precision=spec.params["precision"]) as there:
        with checkpointing(there, on=spec.params["checkpointing"]):
            fitted = fit(there, rows, **recipe)
    if wanted:
        use(lm, adapters_of(lm))
    return lm, fitted
