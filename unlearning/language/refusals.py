"""Answers that say nothing, preferred by idk_dpo; in the manner of TOFU's list, in words of our own."""

from __future__ import annotations

import random
from collections.abc import Sequence

from unlearning.texts import TextRow

REFUSALS = (
    "I do not know that.",
    "I have no information about this.",
    "That is not something I know.",
    "I cannot answer this question.",
    "I am not able to say.",
    "Nothing is known to me about that.",
    "I have not learned anything on this subject.",
    "This is beyond what I know.",
    "I am not sure about that.",
    "I have no answer to this.",
)


def refusals_for(rows: Sequence[TextRow], *, seed: int) -> list[str]:
    """One refusal for each row, drawn by the seed and the row's slot: the same in whatever order rows come."""
    return [random.Random(f"obelus/refusal/{seed}/{row.slot}").choice(REFUSALS) for row in rows]
