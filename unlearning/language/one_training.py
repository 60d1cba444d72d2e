"""One training of one seed, as engine `language.train` and each child of `language.references` do it."""

from __future__ import annotations

from collections.abc import Sequence

from unlearning.language.adapters import adapters_of, use, with_adapter
from unlearning.language.distributed.company import ALONE, Company
from unlearning.language.distributed.placing import placed
from unlearning.language.grouping import parts_of
from unlearning.language.inputs import start_of
from unlearning.language.models import LanguageModel
from unlearning.language.training import Fitted, Told, checkpointing, fit
from unlearning.runner.jobfolder import Spec
from unlearning.texts import TextRow

_RECIPE = ("epochs", "batch", "lr", "weight_decay", "template", "accumulation", "precision", "most_tokens")


def trained(
    spec: Spec, rows: Sequence[TextRow], *, seed: int, told: Told | None = None, company: Company = ALONE
) -> tuple[LanguageModel, Fitted]:
    """The model of a specification and a seed, and what its training came to (of several adapters, the longest).

    An adapter is trained with all others off, so that each can be dropped without having shaped another.
    Raises: Refused with TRAINING_DIVERGED, PARTS_UNFIT or a code of the model, the adapter or the encoding.
    """
    lm = start_of(spec, seed=seed)
    wanted = spec.params.get("adapter")
    if not wanted:
        return lm, _fitted(spec, lm, rows, seed=seed, told=told, company=company)
    parts, runs = parts_of(spec, rows), []
    for place, (name, part) in enumerate(parts.items()):
        rank, alpha, targets = wanted.get("rank", 8), wanted.get("alpha", 16.0), wanted.get("targets")
        lm = with_adapter(lm, rank=rank, alpha=alpha, seed=seed, name=name, targets=targets)
        of_all = _among(told, place, len(parts))
        runs.append(_fitted(spec, lm, part, seed=seed, told=of_all, company=company))
    use(lm, adapters_of(lm))
    return lm, max(runs, key=lambda run: run.epochs)


def _fitted(
    spec: Spec, lm: LanguageModel, rows: Sequence[TextRow], *, seed: int, told: Told | None, company: Company
) -> Fitted:
    recipe = {name: spec.params[name] for name in _RECIPE}
    recipe |= {"seed": seed, "until_nll": spec.params.get("until_nll"), "told": told, "company": company}
    with placed(lm, company, precision=spec.params["precision"]) as there:
        with checkpointing(there, on=spec.params["checkpointing"]):
            return fit(there, rows, **recipe)


def _among(told: Told | None, place: int, count: int) -> Told | None:
    """How far all adapters are, while one of them is trained; as if each had as many rows."""
    if told is None:
        return None
    return lambda step, steps: told(place * steps + step, count * steps)
