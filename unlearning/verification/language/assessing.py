"""The whole assessment of a language model as measurement lines: for the engine, and for a notebook without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from unlearning.catalog import with_defaults
from unlearning.language.encoding import encode
from unlearning.language.models import LanguageModel
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow
from unlearning.verification.language.arms import LanguageModels, TextComparison, TextProbe
from unlearning.verification.language.knowledge import Knowledge, knowledge_of
from unlearning.verification.language.member_lines import member_lines
from unlearning.verification.language.text_lines import text_lines
from unlearning.verification.language.utility import utility_lines
from unlearning.verification.measurements import Measurement, Tier

ENGINE = "verify.language"
Told = Callable[[str, int, int], None]  # what is being done, step, steps


def assess(
    models: LanguageModels,
    *,
    forget: Sequence[TextRow],
    retain: Sequence[TextRow],
    holdout: Sequence[TextRow],
    params: Mapping[str, Any] | None = None,
) -> list[Measurement]:
    """Every line that engine verify.language would write of these people, and utility; no files, no refusal of models.

    params: as the engine's, which are checked only there; what is left out has the engine's default.
    Raises: Refused with LOGITS_NOT_FINITE, TOO_FEW_NEVER_SEEN, REFERENCES_TOO_FEW or a code of `encode` or an attack.
    """
    asked = with_defaults(ENGINE, params or {})
    template, longest = asked["template"], asked["most_tokens"]
    deleted, kept, unseen = (
        TextProbe(tuple(rows), tuple(encode(models.candidate.tokenizer, rows, template=template, most_tokens=longest)))
        for rows in (forget, retain, holdout)
    )
    as_served = as_deployed(models, asked["deployed"])
    data = TextComparison(deleted, unseen, kept, template, longest)
    return utility_lines(as_served, kept, [], asked) + compared(as_served, data, asked, prefix="", tier="sealed")


def compared(
    models: LanguageModels,
    data: TextComparison,
    params: Mapping[str, Any],
    *,
    prefix: str,
    tier: Tier,
    told: Told = lambda phase, step, steps: None,
) -> list[Measurement]:
    """Scores, membership tests, scope and attacks of one comparison, as the params of these names say.

    Scores and membership tests share one pass over the rows for each model. Raises: as `assess`.
    """
    count, done = len(models.named()), 0

    def one_more() -> None:
        nonlocal done
        done += 1
        told("scoring", done, count)

    known = knowledge_of(models, data, batch=params["batch"], told=one_more)
    _refuse_overflow(known)
    lines = text_lines(models, data, known, params, prefix=prefix, tier=tier)
    lines += member_lines(known, params, prefix=prefix, tier=tier)
    lines += _in_scope(models, data, params, prefix=prefix, tier=tier, told=told)
    return lines + _attacked(models, data, params, prefix=prefix, tier=tier, told=told)


def as_deployed(models: LanguageModels, precision: str) -> LanguageModels:
    """What small changes of weights hid can come back when these are rounded, so that is how they are looked at."""
    if precision == "float32":
        return models
    from unlearning.verification.language.attacks.quantising import served

    def rounded(lm: LanguageModel) -> LanguageModel:
        return served(lm, "bfloat16")

    return LanguageModels(rounded(models.candidate), rounded(models.original), tuple(map(rounded, models.references)))


def _in_scope(
    models: LanguageModels, data: TextComparison, params: Mapping[str, Any], *, prefix: str, tier: Tier, told: Told
) -> list[Measurement]:
    """What lies beyond the rows, where a gate is named."""
    if "scope" not in params:
        return []
    from unlearning.verification.language.scope_lines import scope_lines

    told("probing the scope", 0, 1)
    lines = scope_lines(models, data, params, prefix=prefix, tier=tier)
    told("probing the scope", 1, 1)
    return lines


def _attacked(
    models: LanguageModels, data: TextComparison, params: Mapping[str, Any], *, prefix: str, tier: Tier, told: Told
) -> list[Measurement]:
    """Attacks are imported when asked for, and made one at a time, so that progress shows where the hours go."""
    asked = params["attacks"]
    if not asked:
        return []
    from unlearning.verification.language.attacks.lines import attack_lines

    lines: list[Measurement] = []
    for step, name in enumerate(asked, start=1):
        lines += attack_lines(models, data, {**params, "attacks": [name]}, prefix=prefix, tier=tier)
        told("attacking", step, len(asked))
    return lines


def _refuse_overflow(known: Knowledge) -> None:
    """Looked for on never-seen rows alone: a refusal is public, and may say nothing of deleted ones."""
    if not all(each.is_sound for asked in known.asked for each in asked.others):
        raise Refused(
            "LOGITS_NOT_FINITE",
            "expected finite likelihoods of never-seen answers, got others: such answers cannot be compared.",
            "Unlearn or train with a smaller learning rate.",
        )
