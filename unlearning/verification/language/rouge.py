"""ROUGE-L (Lin, 2004): how much of a text comes back in the same order. Reported for people; no verdict is made of it.

It says "forgotten" long before a model has forgotten: the words are gone while their likelihoods still tell a member.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from unlearning.verification.language.stemming import stem

_APART = re.compile(r"[^a-z0-9]+")
_STEMMED_FROM = 4  # letters; shorter words are left as they are


def words_of(text: str) -> list[str]:
    """Words in small letters, all else taken for a space, longer ones cut to their stems."""
    return [stem(word) if len(word) >= _STEMMED_FROM else word for word in _APART.sub(" ", text.lower()).split()]


def rouge_l_recall(truth: str, said: str) -> float:
    """Share of the truth's words that `said` holds in the same order; 0 where either has none."""
    expected, found = words_of(truth), words_of(said)
    return _common(expected, found) / len(expected) if expected and found else 0.0


def rouge_l_f1(truth: str, said: str) -> float:
    """Harmonic mean of that share and of the share of `said` that belongs to the truth."""
    expected, found = words_of(truth), words_of(said)
    common = _common(expected, found)
    return 2 * common / (len(expected) + len(found)) if common else 0.0


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for at, there in enumerate(other, start=1):
            before, row[at] = row[at], before + 1 if word == there else max(row[at], row[at - 1])
    return row[-1]
