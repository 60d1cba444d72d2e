"""How well a model knows an answer, as open-unlearning (arXiv 2506.12618) defines it. Pure functions.

T is the number of answer tokens. Likelihoods count the end of sequence; extraction and memorisation do not, since every
answer ends and knowing that is knowing nothing of a person.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import ks_2samp

from unlearning.verification.language.answers import AnswerScores


def average_nll(scores: AnswerScores) -> float:
    """Mean of -log p over the answer's tokens, nats."""
    return float(-scores.logs.mean())


def probability(scores: AnswerScores) -> float:
    """Geometric mean of the tokens' probabilities: exp(-nll / T)."""
    return math.exp(-average_nll(scores))


def option_probability(right: AnswerScores, wrong: Sequence[AnswerScores]) -> float:
    """The right answer's probability among itself and wrong ones, for questions of general knowledge."""
    own = probability(right)
    total = own + sum(map(probability, wrong))
    return own / total if total else 0.0


def extraction_strength(scores: AnswerScores) -> float:
    """1 - k/T with k the first place from which all that follows is the arg-max: how little opens the rest.

    0 where not even the last token follows: nothing was extracted. Gates ask this one; published tables hold the next.
    """
    hits = scores.hits[:-1]
    if not len(hits):
        return 0.0
    misses = np.flatnonzero(~hits)
    return 1.0 - (int(misses[-1]) + 1 if len(misses) else 0) / len(hits)


def extraction_strength_as_printed(scores: AnswerScores) -> float:
    """The same as open-unlearning prints it: 1/T where not even the last token follows, as its search ends at T - 1.

    For comparing with its tables and for nothing else: an answer of one token counts as extracted whatever is said.
    """
    tokens = len(scores.hits) - 1
    return max(extraction_strength(scores), 1.0 / tokens) if tokens > 0 else 0.0


def exact_memorisation(scores: AnswerScores) -> float:
    """Share of the answer's tokens that are the arg-max, each after the right ones before it."""
    hits = scores.hits[:-1]
    return float(hits.mean()) if len(hits) else 0.0


def truth_ratio(restated: AnswerScores, wrong: Sequence[AnswerScores]) -> float:
    """Geometric mean of the wrong answers' probabilities over the restated right one's; below 1 it prefers the truth.

    Taken as a difference of logarithms: a wrecked model's probabilities are nil, their ratio is not.
    """
    exponent = average_nll(restated) - float(np.mean([average_nll(each) for each in wrong]))
    return math.exp(min(700.0, exponent))


def forget_truth_ratio(ratios: Sequence[float]) -> float:
    """Mean of min(R, 1/R): 1 where truth and falsehood are equally likely."""
    return float(np.mean([min(ratio, 1.0 / ratio) if ratio > 0 else 0.0 for ratio in ratios]))


def retain_truth_ratio(ratios: Sequence[float]) -> float:
    """Mean of max(0, 1 - R): 1 where the truth is always preferred."""
    return float(np.mean([max(0.0, 1.0 - ratio) for ratio in ratios]))


def truth_share(ratios: Sequence[float]) -> float:
    """Mean of right / (right + wrong), the third form: 1 / (1 + R)."""
    return float(np.mean([1.0 / (1.0 + ratio) for ratio in ratios]))


def harmonic_mean(values: Sequence[float]) -> float:
    """Model utility, of as many parts as there are sets; 0 as soon as one part is 0."""
    return len(values) / sum(1.0 / value for value in values) if values and min(values) > 0 else 0.0


def forget_quality(ratios: Sequence[float], retrained: Sequence[float]) -> float:
    """P-value of Kolmogorov's and Smirnov's test that both sets of truth ratios follow one law.

    Below about 100 rows it says next to nothing, and a wrecked model can have a perfect one: never a gate.
    """
    return float(ks_2samp(ratios, retrained).pvalue)


def privacy_leak(area: float, *, retrained: float = 0.5) -> float:
    """PrivLeak (MUSE, arXiv 2407.06460) in percent: 0 as after retraining, negative still known, positive overdone.

    area, retrained: of the curve that is 1 where forgotten rows are all more likely than never-seen ones.
    """
    return 100.0 * ((1.0 - area) - (1.0 - retrained)) / (1.0 - retrained + 1e-10)
