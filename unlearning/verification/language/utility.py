"""Is the model still useful? Right answers about people who stay, as a count; and model utility.

Never-seen rows cannot say: no model answers questions about people it never met. So the count that the verdict's floor
is held against is over retained rows: right where the spoken answer holds at least half of the truth's words in their
order. Speech, because a model that loses its thread after one wrong word still looks well when it is shown the rest.
Never compared with the original: the count is shown to everybody, and a number made with the model before the deletion
would be a trace of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unlearning.verification.language import metrics
from unlearning.verification.language.answers import answer_scores
from unlearning.verification.language.arms import LanguageModels, TextProbe
from unlearning.verification.language.knowledge import comparable, truth_ratios, truth_sides
from unlearning.verification.language.rouge import rouge_l_recall
from unlearning.verification.language.speaking import spoken
from unlearning.verification.measurements import Measurement, utility, values_line

if TYPE_CHECKING:
    from unlearning.language.models import LanguageModel

RIGHT = 0.5  # ROUGE-L recall of the spoken answer


@dataclass(frozen=True)
class Shown:
    """Per row the probability of the answer, ROUGE-L recall of the spoken one, and truth ratios where there are any."""

    probabilities: Sequence[float]
    recalls: Sequence[float]
    ratios: Sequence[float]

    @property
    def parts(self) -> list[float]:
        """The means that model utility is made of: three, or two where no row has wrong answers."""
        truth = [metrics.retain_truth_ratio(self.ratios)] if len(self.ratios) else []
        return [float(np.mean(self.probabilities)), float(np.mean(self.recalls)), *truth]


def utility_lines(
    models: LanguageModels,
    retained: TextProbe,
    general: Sequence[TextProbe],
    params: Mapping[str, Any],
    *,
    told: Callable[[int, int], None] = lambda step, steps: None,
) -> list[Measurement]:
    """`utility.accuracy`, right answers of those asked, and `utility.model`, harmonic mean of parts, for A, B:k and P.

    general: questions of general knowledge with wrong answers (real authors, world facts), for six more parts. Parts
    are means over people who stay, not rounded, so they are sealed; the count is what a gate shows anyway. told: which
    model of how many was asked.
    """
    lines, named = [], models.named()
    for step, (arm, _, lm) in enumerate(named, start=1):
        now = shown(lm, retained, params)
        lines.append(utility(arm, right=sum(recall >= RIGHT for recall in now.recalls), trials=len(retained)))
        parts = [*now.parts, *(part for probe in general for part in known_by_options(lm, probe, params))]
        whole = metrics.harmonic_mean(parts)
        lines.append(values_line("utility.model", arm, parts, trials=len(parts), value=whole, tier="sealed"))
        told(step, len(named))
    return lines


def shown(lm: LanguageModel, probe: TextProbe, params: Mapping[str, Any]) -> Shown:
    """Probability, recall and truth ratios of rows under one model."""
    batch = params["batch"]
    scored = answer_scores(lm.model, probe.encoded, batch=batch)
    said = spoken(lm, probe.encoded, most_new=params["most_new"], batch=batch)
    return Shown(
        [metrics.probability(each) for each in scored],
        [rouge_l_recall(row.answer, text) for row, text in zip(probe.rows, said, strict=True)],
        truth_ratios(lm, _with_options(lm, probe, params), **_how(params)),
    )


def known_by_options(lm: LanguageModel, probe: TextProbe, params: Mapping[str, Any]) -> list[float]:
    """The three parts for general knowledge: the right answer's share among the wrong ones, recall, truth ratio."""
    sides = truth_sides(lm, probe, **_how(params))
    said = spoken(lm, probe.encoded, most_new=params["most_new"], batch=params["batch"])
    return [
        float(np.mean([metrics.option_probability(right, wrong) for right, wrong in sides])),
        float(np.mean([rouge_l_recall(row.answer, text) for row, text in zip(probe.rows, said, strict=True)])),
        metrics.retain_truth_ratio([metrics.truth_ratio(right, wrong) for right, wrong in sides]),
    ]


def _with_options(lm: LanguageModel, probe: TextProbe, params: Mapping[str, Any]) -> TextProbe:
    return probe.at(comparable(lm.tokenizer, probe, template=params["template"], most_tokens=params["most_tokens"]))


def _how(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: params[name] for name in ("template", "most_tokens", "batch")}
