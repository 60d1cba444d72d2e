"""Auditing with one run: m independent coins at once (Steinke, Nasr, Jagielski 2023). Pure functions.

Under (epsilon, delta) each guess is right with probability at most q = e^epsilon / (1 + e^epsilon), but for an event
that delta pays for:  P[V >= v] <= P[Bin(r, q) >= v] + 2 m delta max_i (1/i) P[v > Bin(r, q) >= v - i].
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, gammaln, xlogy

from unlearning.audit.confidence import require_counts

_MOST_EPSILON = 60.0


def p_value(*, canaries: int, guesses: int, right: int, epsilon: float, delta: float) -> float:
    """The chance of so many right guesses, at most, if the algorithm were (epsilon, delta)-private.

    canaries: m, each included with probability 1/2; guesses: r, the others abstained; right: v.
    """
    require_counts(right, guesses)
    require_counts(guesses, canaries)
    q = 1.0 / (1.0 + math.exp(-epsilon))
    tail = float(betainc(right, guesses - right + 1, q)) if right else 1.0
    if right == 0 or delta == 0.0:
        return min(1.0, tail)
    below = np.cumsum(_chances(np.arange(right - 1, -1, -1), guesses, q))
    paid = float((below / np.arange(1, right + 1)).max())
    return min(1.0, tail + 2.0 * canaries * delta * paid)


def least_epsilon(*, canaries: int, guesses: int, right: int, delta: float, confidence: float) -> float:
    """The smallest epsilon that so many right guesses do not reject at this confidence, rounded down; 0 if none is."""
    risk = 1.0 - confidence

    def rejected(epsilon: float) -> bool:
        return p_value(canaries=canaries, guesses=guesses, right=right, epsilon=epsilon, delta=delta) < risk

    if not rejected(0.0):
        return 0.0
    low, high = 0.0, _MOST_EPSILON
    while high - low > 1e-6:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if rejected(middle) else (low, middle)
    return low


def _chances(counts: npt.NDArray[np.int64], trials: int, rate: float) -> npt.NDArray[np.float64]:
    """P[Bin(trials, rate) = k] for each k, by logarithms. (scipy.stats would say it too, a second later.)"""
    ways = gammaln(trials + 1) - gammaln(counts + 1) - gammaln(trials - counts + 1)
    chances: npt.NDArray[np.float64] = np.exp(ways + xlogy(counts, rate) + xlogy(trials - counts, 1.0 - rate))
    return chances
