"""What is asked of one run, with which share of the level, and what counts as an answer. Pure.

Shares are fixed here, before any run, and add up to 1 (Bonferroni with weights): whoever accuses at `level` in all
accuses an honest run with probability `level` at most. Half the steps has most of it, being the hardest to see: its
statistic is the likelihood ratio given the old weights, so (Neyman and Pearson) no other statistic sees more, and only
more of the level would. `line` looks at the whole line from zero, where earlier deletions may have moved the minimiser;
that only ever makes its sums larger, so their lower tail alone is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from unlearning.witness.law import Law
from unlearning.witness.objective import Floats

Side = Literal["below", "above"]


@dataclass(frozen=True)
class Question:
    """One tail of one statistic."""

    statistic: str
    side: Side
    share: float

    def p_value(self, laws: Mapping[str, Law], value: float) -> float:
        """How often an honest run goes this far to this side."""
        law = laws[self.statistic]
        return law.below(value) if self.side == "below" else law.above(value)


LAST_RUN = (
    Question("total", "below", 0.10),
    Question("total", "above", 0.02),
    Question("slow", "below", 0.02),
    Question("slow", "above", 0.02),
    Question("fast", "below", 0.02),
    Question("fast", "above", 0.02),
    Question("alignment", "below", 0.02),
    Question("alignment", "above", 0.02),
    Question("steps", "above", 0.70),
)
WHOLE_LINE = (
    Question("total", "below", 0.030),
    Question("slow", "below", 0.015),
    Question("fast", "below", 0.015),
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One question's outcome on the published weights. `view`: "descent" (from the old weights) or "noise"."""

    view: str
    statistic: str
    side: Side
    value: float
    p_value: float
    accuses: bool


def answers(
    questions: tuple[Question, ...], laws: Mapping[str, Law], values: Mapping[str, Floats], *, view: str, level: float
) -> list[Answer]:
    """Put every question that this view can answer (one step has no half, so nothing is asked about half of it)."""
    found = []
    for question in questions:
        if question.statistic in laws:
            value = float(values[question.statistic][0])
            p_value = question.p_value(laws, value)
            accused = p_value <= level * question.share
            found.append(Answer(view=view, statistic=question.statistic, side=question.side, value=value,
                                p_value=p_value, accuses=accused))  # fmt: skip
    return found
