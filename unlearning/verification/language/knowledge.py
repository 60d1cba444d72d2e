"""All arms asked once: the scores of every answer under every model, from which each battery takes what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unlearning.verification.language.answers import AnswerScores, answer_scores
from unlearning.verification.language.arms import LanguageModels, TextComparison, TextProbe
from unlearning.verification.language.metrics import truth_ratio

if TYPE_CHECKING:
    from unlearning.language.models import LanguageModel

Told = Callable[[], None]


@dataclass(frozen=True)
class Asked:
    """One model's arms and scores: `own` of the deleted rows, `others` of the never-seen ones.

    The original is asked about never-seen rows too, to set thresholds; that is no arm: its `on_unseen` is "".
    """

    on_deleted: str
    on_unseen: str
    own: list[AnswerScores]
    others: list[AnswerScores]


@dataclass(frozen=True)
class Knowledge:
    """What each model scored, and the texts of the deleted and of the never-seen answers."""

    asked: tuple[Asked, ...]
    answers: tuple[list[str], list[str]]

    @property
    def by_arm(self) -> dict[str, list[AnswerScores]]:
        """The scores of each arm, those on deleted rows first."""
        found = {each.on_deleted: each.own for each in self.asked}
        return found | {each.on_unseen: each.others for each in self.asked if each.on_unseen}


def knowledge_of(models: LanguageModels, data: TextComparison, *, batch: int, told: Told | None = None) -> Knowledge:
    """One pass over all rows for each model. `told` hears after each."""
    from unlearning.verification.language.speaking import answer_texts

    found = []
    for on_deleted, on_unseen, lm in models.named():
        own, others = (answer_scores(lm.model, probe.encoded, batch=batch) for probe in (data.deleted, data.unseen))
        found.append(Asked(on_deleted, on_unseen, own, others))
        if told is not None:
            told()
    texts = [answer_texts(models.candidate, probe.encoded) for probe in (data.deleted, data.unseen)]
    return Knowledge(tuple(found), (texts[0], texts[1]))


def comparable(tokenizer: Any, probe: TextProbe, *, template: str, most_tokens: int) -> list[int]:
    """Places of the rows that have wrong answers to compare with, all of which the model reads."""
    from unlearning.language.encoding import readable

    how: dict[str, Any] = {"template": template, "most_tokens": most_tokens}
    return [
        at
        for at, row in enumerate(probe.rows)
        if row.wrong and readable(tokenizer, row.prompt, row.restated or row.answer, *row.wrong, **how)
    ]


def truth_ratios(lm: LanguageModel, probe: TextProbe, *, template: str, most_tokens: int, batch: int) -> list[float]:
    """The truth ratio of each row, all of which must have wrong answers.

    The right answer is the restated one, so that knowing the words by heart is not taken for knowing the fact; where a
    row has none it is the answer itself.
    """
    sides = truth_sides(lm, probe, template=template, most_tokens=most_tokens, batch=batch)
    return [truth_ratio(right, wrong) for right, wrong in sides]


def truth_sides(
    lm: LanguageModel, probe: TextProbe, *, template: str, most_tokens: int, batch: int
) -> list[tuple[AnswerScores, list[AnswerScores]]]:
    """For each row the scores of the right answer, restated where it can be, and of the wrong ones."""
    from unlearning.language.encoding import encode_pairs

    pairs = [(row.prompt, text) for row in probe.rows for text in (row.restated or row.answer, *row.wrong)]
    encoded = encode_pairs(lm.tokenizer, pairs, template=template, most_tokens=most_tokens)  # type: ignore[arg-type]
    scored = answer_scores(lm.model, encoded, batch=batch)
    found, at = [], 0
    for row in probe.rows:
        found.append((scored[at], scored[at + 1 : at + 1 + len(row.wrong)]))
        at += 1 + len(row.wrong)
    return found
