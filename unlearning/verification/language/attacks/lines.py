"""Attacks on language models as measurement lines: a bit per row, arm and budget, for the verdict of all batteries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from unlearning.language.encoding import Template
from unlearning.language.models import LanguageModel
from unlearning.runner.refusals import Refused
from unlearning.verification.language.arms import LanguageModels, TextComparison, TextProbe, groups_of
from unlearning.verification.language.attacks.optimised import optimised_lines
from unlearning.verification.language.attacks.quantising import quantised, served
from unlearning.verification.language.attacks.relearning import extracted, harmless, relearned, steps_on, taught_copy
from unlearning.verification.language.attacks.setting import Setting, setting_of
from unlearning.verification.language.attacks.wrappers import TRIES, Wrapping, wrapped
from unlearning.verification.measurements import Measurement, Tier, bits_line, tier_of

ATTACKS = (
    "relearning.records",
    "relearning.benign",
    "relearning.retain",
    "quantised.int8",
    "quantised.int4",
    "uma.text.paraphrase",
    "uma.text.jailbreak",
    "uma.text.suffix",
    "uma.text.soft",
)
Found = Iterator[tuple[str, float, list[int]]]  # arm, budget, bits


def attack_lines(
    models: LanguageModels, data: TextComparison, params: Mapping[str, Any], *, prefix: str, tier: Tier
) -> list[Measurement]:
    """Lines of every attack that params["attacks"] names, for arms A, B:k, C, D:k and P; see `attacks` for params.

    Budgets: records given back; steps; how much of an answer must follow (quantised); wordings tried; tokens of a
    suffix or soft prompt. An optimised attack at a budget where it is not informative is written without a budget, as
    `<name>.<tokens>.uninformative`: for people to read, no verdict is made of it. No refusal hangs on deleted rows.
    Raises: Refused with ATTACK_UNKNOWN, RETAINED_MISSING or a code of `encode`.
    """
    how = setting_of(params)
    asked = tuple(params.get("attacks", ()))
    if unknown := set(asked) - set(ATTACKS):
        raise Refused(
            "ATTACK_UNKNOWN", f"expected some of {', '.join(ATTACKS)}; got {len(unknown)} others.", "Correct them."
        )
    if "relearning.retain" in asked and not len(data.retained):
        raise Refused("RETAINED_MISSING", "relearning.retain expects retained rows, got none.", "Name rows that stay.")
    if not asked:
        return []
    as_served = LanguageModels(
        served(models.candidate, how.deployed),
        served(models.original, how.deployed),
        tuple(served(model, how.deployed) for model in models.references),
    )
    lines: list[Measurement] = []
    for name in asked:
        if name in ("uma.text.suffix", "uma.text.soft"):
            lines += optimised_lines(as_served, data, how, name=name, prefix=prefix)
            continue
        for arm, budget, bits in _ASKERS[name](as_served, data, how, name):
            lines.append(bits_line(f"{prefix}{name}", arm, bits, budget=budget, tier=_tier(name, arm, tier)))
    return lines


def _tier(name: str, arm: str, deleted_tier: Tier) -> Tier:
    """Retain-only steps read people who stay, so their lines are sealed whoever is asked."""
    return "sealed" if name == "relearning.retain" else tier_of(arm, deleted_tier)


def _records(models: LanguageModels, data: TextComparison, how: Setting, name: str) -> Found:
    fewest = min(len(group.probe) for group in groups_of(models, data))
    for arm, lm, probe in _each(models, data):
        for records in (records for records in how.lesson.records if records < fewest):
            bits = relearned(
                lm.model,
                probe.encoded,
                records=records,
                lesson=how.lesson,
                opened=how.aim.opened,
                batch=how.batch,
                seed=how.seed,
            )
            yield arm, float(records), bits


def _after_steps(models: LanguageModels, data: TextComparison, how: Setting, name: str) -> Found:
    """One copy answers for both groups."""
    for on_deleted, on_unseen, lm in models.named():
        taught = harmless(lm, template=_template(data)) if name == "relearning.benign" else data.retained.encoded
        pupil = taught_copy(lm.model, steps_on(taught, how.lesson, seed=how.seed), lr=how.lesson.lr)
        for arm, probe in ((on_deleted, data.deleted), (on_unseen, data.unseen)):
            if arm and len(probe):
                yield arm, float(how.lesson.retain_steps), _extracted(LanguageModel(pupil, lm.tokenizer), probe, how)


def _quantised(models: LanguageModels, data: TextComparison, how: Setting, name: str) -> Found:
    bits = int(name.removeprefix("quantised.int"))
    small = LanguageModels(
        quantised(models.candidate, bits=bits),
        quantised(models.original, bits=bits),
        tuple(quantised(model, bits=bits) for model in models.references),
    )
    for arm, lm, probe in _each(small, data):
        yield arm, how.aim.opened, _extracted(lm, probe, how)


def _wrapped(models: LanguageModels, data: TextComparison, how: Setting, name: str) -> Found:
    wrapping = cast(Wrapping, name.removeprefix("uma.text."))
    for group in groups_of(models, data):
        tokenizer = models.candidate.tokenizer
        tries = wrapped(tokenizer, group.probe.rows, wrapping, template=_template(data), most_tokens=data.most_tokens)
        for arm, lm in group.asked.items():
            found = [extracted(lm.model, rows, opened=how.aim.opened, batch=how.batch) for rows in tries]
            for count in TRIES:
                yield arm, float(count), [int(any(bits)) for bits in zip(*found[:count], strict=True)]


_ASKERS: dict[str, Callable[[LanguageModels, TextComparison, Setting, str], Found]] = {
    "relearning.records": _records,
    "relearning.benign": _after_steps,
    "relearning.retain": _after_steps,
    "quantised.int8": _quantised,
    "quantised.int4": _quantised,
    "uma.text.paraphrase": _wrapped,
    "uma.text.jailbreak": _wrapped,
}


def _each(models: LanguageModels, data: TextComparison) -> Iterator[tuple[str, LanguageModel, TextProbe]]:
    for group in groups_of(models, data):
        for arm, lm in group.asked.items():
            yield arm, lm, group.probe


def _extracted(lm: LanguageModel, probe: TextProbe, how: Setting) -> list[int]:
    return extracted(lm.model, probe.encoded, opened=how.aim.opened, batch=how.batch)


def _template(data: TextComparison) -> Template:
    return cast(Template, data.template)
