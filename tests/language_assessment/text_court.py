"""A small model that learned 48 rows of six made authors by heart, models that never held them, and the real verdict.

The base is the suite's retrained model; the original learned the six authors on top of it, as a company would fine-tune
a model on its people; controls are the base trained on a little, each from a seed of its own.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import torch

from governance.verification.reading import batteries_of, utility_of
from governance.verification.verdict import Finding, judge
from tests import language_world as world
from unlearning.language.batching import collated
from unlearning.language.encoding import encode
from unlearning.language.models import LanguageModel
from unlearning.language.scoring import answer_nll
from unlearning.language.training import fit
from unlearning.texts import TextRow
from unlearning.verification.language.arms import LanguageModels, TextComparison, TextProbe
from unlearning.verification.language.assessing import compared
from unlearning.verification.language.knowledge import truth_ratios
from unlearning.verification.language.metrics import forget_quality
from unlearning.verification.language.utility import utility_lines
from unlearning.verification.measurements import Measurement

ASKED = 6
SETTINGS: dict[str, Any] = {
    "text": ["text.extraction", "text.memorisation", "text.probability", "text.rouge"],
    "membership": [],
    "attacks": [],
    "batch": 128,
    "most_new": 16,
    "template": "plain",
    "most_tokens": 512,
}
POLICY: dict[str, Any] = {
    "level": 0.05,
    "margin": 0.1,
    "utility_floor": 0.6,
    "resamples": 1000,
    "seed": 0,
    "references": 2,
    "required": ["text.extraction"],
}


def people() -> list[TextRow]:
    """Rows of those who ask (48)."""
    return [row for author in world.authors()[world.AUTHORS :][:ASKED] for row in author.rows]


def never_seen() -> list[TextRow]:
    """Rows that no model ever held (32)."""
    return [row for author in world.authors()[world.AUTHORS :][ASKED:] for row in author.rows]


def probe(rows: list[TextRow]) -> TextProbe:
    return TextProbe(tuple(rows), tuple(encode(world.tokenizer(), rows, template="plain", most_tokens=512)))


@functools.cache
def comparison() -> TextComparison:
    """Half of the rows that stay; truth ratios cost six passes a row, and four of them are enough here."""
    stay = [row if at % 9 == 0 else replace(row, wrong=()) for at, row in enumerate(world.retain()[::2])]
    return TextComparison(probe(people()), probe(never_seen()), probe(stay))


def of_few() -> TextComparison:
    """The same with the rows of one author."""
    return replace(comparison(), deleted=comparison().deleted.at(range(world.QUESTIONS)))


@functools.cache
def original() -> LanguageModel:
    torch.set_num_threads(1)
    lm = world.retrained()
    fit(lm, [*people(), *world.retain()], seed=3, **world.TRAINING | {"epochs": 40, "until_nll": 0.1})
    return lm


@functools.cache
def without_them(seed: int) -> LanguageModel:
    """A model that never held the six, of a seed of its own."""
    torch.set_num_threads(1)
    lm = world.retrained()
    fit(lm, world.retain(), seed=seed, **world.TRAINING | {"epochs": 2, "until_nll": None})
    return lm


def wrecked(*, steps: int) -> LanguageModel:
    """Gradient ascent on rows to forget, run on with nothing to hold it; the state whose forget quality is best.

    A third of the rows wreck as well as all. Where the quality peaks hangs on the last bits of the arithmetic.
    """
    lm, batch = world.copied(original()), collated(comparison().deleted.encoded[::3])
    optimiser = torch.optim.AdamW(lm.model.parameters(), lr=1e-3)
    best = (-1.0, lm)
    for step in range(steps):
        sums_B, counts_B = answer_nll(lm.model, batch)
        optimiser.zero_grad()
        (-sums_B.sum() / counts_B.sum()).backward()
        optimiser.step()
        if step >= steps // 2 and (quality := _forget_quality(lm)) > best[0]:
            best = quality, world.copied(lm)
    return best[1]


def _forget_quality(lm: LanguageModel) -> float:
    return forget_quality(_ratios(lm), _retrained_ratios())


@functools.cache
def _retrained_ratios() -> list[float]:
    return _ratios(without_them(1))


def _ratios(lm: LanguageModel) -> list[float]:
    return truth_ratios(lm, comparison().deleted, template="plain", most_tokens=512, batch=128)


def lines_of(candidate: LanguageModel, *, data: TextComparison | None = None, **settings: Any) -> list[Measurement]:
    """Everything the engine would measure of the people."""
    models = LanguageModels(candidate, original(), (without_them(1), without_them(2)))
    params, data = SETTINGS | settings, data or comparison()
    return utility_lines(models, data.retained, [], params) + compared(models, data, params, prefix="", tier="sealed")


def verdict(lines: list[Measurement], **rules: Any) -> Finding:
    """What the platform's own judge makes of the lines."""
    return judge(batteries_of(lines, canaries=False), utility_of(lines), POLICY | rules)
