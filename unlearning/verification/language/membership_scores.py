"""Membership tests that need no shadow models: a score per answer, larger means member. Pure functions."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from unlearning.verification.language.answers import AnswerScores, Floats
from unlearning.verification.language.metrics import average_nll

OWN = ("loss", "zlib", "mink", "minkpp")
WITH_REFERENCES = ("reference",)
KINDS = (*OWN, *WITH_REFERENCES)
LOWEST = 0.4  # share of tokens that min-k looks at
_LEAST_VARIANCE = 1e-6


def own_scores(kind: str, scored: Sequence[AnswerScores], answers: Sequence[str]) -> Floats:
    """Scores of a kind in OWN; `answers` are the texts that were scored, as the tokenizer gives them back."""
    if kind == "zlib":
        return -np.array([average_nll(each) / compressed(text) for each, text in zip(scored, answers, strict=True)])
    score = {"loss": lambda each: -average_nll(each), "mink": lowest_logs, "minkpp": lowest_standardised}[kind]
    return np.array([score(each) for each in scored])


def beside_others(scored: Sequence[AnswerScores], others: Sequence[Sequence[AnswerScores]]) -> Floats:
    """How much likelier an answer is than under other models: their average loss, meaned, less its own.

    Open-unlearning takes one reference model; the mean of several is that with less noise.
    """
    usual_N = np.mean([[average_nll(each) for each in other] for other in others], axis=0)
    better_N: Floats = usual_N - np.array([average_nll(each) for each in scored])
    return better_N


def lowest_logs(scores: AnswerScores) -> float:
    """Min-K% (Shi et al., arXiv 2310.16789): mean log-probability of the least likely tokens, end of sequence left out.

    Members have no surprising words.
    """
    return _mean_of_lowest(scores.logs[:-1])


def lowest_standardised(scores: AnswerScores) -> float:
    """Min-K%++ (Zhang et al., arXiv 2404.02936): the same, each token measured against what the model expected."""
    spreads_K = np.sqrt(np.maximum(scores.variances, _LEAST_VARIANCE))
    return _mean_of_lowest(((scores.logs - scores.means) / spreads_K)[:-1])


def compressed(text: str) -> int:
    """Bytes of the text under zlib: how surprising it is to one who knows no model."""
    return len(zlib.compress(text.encode("utf-8")))


def _mean_of_lowest(values_K: Floats) -> float:
    if not len(values_K):
        return 0.0
    kept = max(1, int(len(values_K) * LOWEST))
    return float(np.sort(values_K)[:kept].mean())
