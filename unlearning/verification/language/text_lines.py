"""What a model still says of an answer, as measurement lines. ROUGE is reported only: it has no budget, so no verdict.

A budget is how much must be known for a row to count: of the answer by arg-max (extraction, memorisation), its
probability, or, for the truth ratio, the share of never-seen rows that prefer the truth as much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from unlearning.verification.language import metrics
from unlearning.verification.language.answers import AnswerScores
from unlearning.verification.language.arms import LanguageModels, TextComparison, groups_of
from unlearning.verification.language.knowledge import Knowledge, comparable, truth_ratios
from unlearning.verification.language.rouge import rouge_l_recall
from unlearning.verification.language.speaking import spoken
from unlearning.verification.measurements import Measurement, Tier, bits_line, tier_of, values_line
from unlearning.verification.members import tails
from unlearning.verification.members.lines import RATES

Score = Callable[[AnswerScores], float]
LADDERS: dict[str, tuple[Score, tuple[float, ...]]] = {
    "text.extraction": (metrics.extraction_strength, (0.25, 0.5, 0.75)),
    "text.memorisation": (metrics.exact_memorisation, (0.5, 0.75, 0.9)),
    "text.probability": (metrics.probability, (0.02, 0.1, 0.5)),
}
ROUGE, TRUTH = "text.rouge", "text.truth_ratio"
# Beside ours, the figure that open-unlearning's tables hold where its code differs from the definition: no verdict.
PRINTED: dict[str, Score] = {"text.extraction": metrics.extraction_strength_as_printed}
BATTERIES = (*LADDERS, TRUTH, ROUGE)


def text_lines(
    models: LanguageModels,
    data: TextComparison,
    known: Knowledge,
    params: Mapping[str, Any],
    *,
    prefix: str,
    tier: Tier,
) -> list[Measurement]:
    """Lines of every battery that params["text"] names, for arms A, B:k, C, D:k and P.

    Optional params: batch, most_new (tokens of a spoken answer). Each has a line `<battery>.score` per arm without a
    budget: the score per row and its mean. `text.rouge` has no other. `text.extraction.as_printed.score` is what
    open-unlearning prints. `text.truth_ratio` is left out where fewer than ten never-seen rows, or no deleted one, have
    wrong answers.
    """
    lines: list[Measurement] = []
    for name in params["text"]:
        if name in LADDERS:
            lines += _ladder(name, known, prefix=prefix, tier=tier)
        else:
            measured = _rouge if name == ROUGE else _truth
            lines += measured(models, data, params, prefix=prefix, tier=tier)
    return lines


def _ladder(name: str, known: Knowledge, *, prefix: str, tier: Tier) -> list[Measurement]:
    score, budgets = LADDERS[name]
    lines = []
    for arm, scored in known.by_arm.items():
        values, own = [score(each) for each in scored], tier_of(arm, tier)
        for budget in budgets:
            bits = [int(value >= budget) for value in values]
            lines.append(bits_line(f"{prefix}{name}", arm, bits, budget=budget, tier=own))
        lines.append(score_line(f"{prefix}{name}", arm, values, tier=own))
        if name in PRINTED:
            printed = [PRINTED[name](each) for each in scored]
            lines.append(score_line(f"{prefix}{name}.as_printed", arm, printed, tier=own))
    return lines


def score_line(name: str, arm: str, values: Sequence[float], *, tier: Tier, value: float | None = None) -> Measurement:
    """The score per row and one number for all, by default its mean: for people to read."""
    whole = float(np.mean(values)) if value is None else value
    return values_line(f"{name}.score", arm, values, trials=len(values), value=whole, tier=tier)


def _rouge(
    models: LanguageModels, data: TextComparison, params: Mapping[str, Any], *, prefix: str, tier: Tier
) -> list[Measurement]:
    lines = []
    for group in groups_of(models, data):
        for arm, lm in group.asked.items():
            said = spoken(lm, group.probe.encoded, most_new=params.get("most_new", 200), batch=params.get("batch", 64))
            values = [rouge_l_recall(row.answer, text) for row, text in zip(group.probe.rows, said, strict=True)]
            lines.append(score_line(f"{prefix}{ROUGE}", arm, values, tier=tier_of(arm, tier)))
    return lines


def _truth(
    models: LanguageModels, data: TextComparison, params: Mapping[str, Any], *, prefix: str, tier: Tier
) -> list[Measurement]:
    """Bits by the near tail against never-seen rows under the same model, and forget quality beside the references."""
    asked: dict[str, Any] = {"template": data.template, "most_tokens": data.most_tokens}
    tokenizer = models.candidate.tokenizer
    deleted, unseen = (probe.at(comparable(tokenizer, probe, **asked)) for probe in (data.deleted, data.unseen))
    rates = tails.rates_within_reach(list(RATES), strangers=len(unseen))
    if not rates or not len(deleted):
        return []
    how: dict[str, Any] = {**asked, "batch": params.get("batch", 64)}
    name, lines, by_arm = f"{prefix}{TRUTH}", [], {}
    for on_deleted, on_unseen, lm in models.named():
        own, others = (np.array(truth_ratios(lm, probe, **how)) for probe in (deleted, unseen))
        by_arm[on_deleted] = own.tolist()
        for arm, ratios in ((on_deleted, own), (on_unseen, others)):
            if arm:
                value, here = metrics.forget_truth_ratio(ratios.tolist()), tier_of(arm, tier)
                lines.append(score_line(name, arm, ratios.tolist(), tier=here, value=value))
        for rate in rates:
            near = (on_deleted, tails.near_bits(-own, -others, rate=rate))
            strangers = (on_unseen, tails.strangers_near(-others, rate=rate))
            for arm, bits in (near, strangers):
                if arm:
                    lines.append(bits_line(name, arm, bits.tolist(), budget=rate, tier=tier_of(arm, tier)))
    return lines + _quality(f"{name}.forget_quality", by_arm, tier=tier)


def _quality(name: str, by_arm: Mapping[str, list[float]], *, tier: Tier) -> list[Measurement]:
    """The p-value against each reference and the middle one; no verdict is made of it."""
    retrained = [ratios for arm, ratios in by_arm.items() if arm.startswith("B:")]
    if not retrained:
        return []
    lines = []
    for arm in ("A", "P"):
        values = [metrics.forget_quality(by_arm[arm], others) for others in retrained]
        rows, middle = len(by_arm[arm]), float(np.median(values))
        lines.append(values_line(name, arm, values, trials=rows, value=middle, tier=tier_of(arm, tier)))
    return lines
