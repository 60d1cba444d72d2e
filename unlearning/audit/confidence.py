"""From counts and scores to lower bounds that hold with a stated confidence. Pure functions.

Two worlds, one score per run, larger where the record was present. The threshold is fixed on the first half of the
runs; the second half, which it never saw, is counted. Both error rates get an exact (Clopper-Pearson) bound at half
the allowed risk each, so a lower bound is above the truth in at most 1 - confidence of all audits, and in far fewer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

Floats = npt.NDArray[np.float64]
_NORMAL = NormalDist()
# Few and central: with more of them the winner of the first half is the luckiest, not the best.
_CANDIDATES = np.linspace(0.05, 0.95, 37)


@dataclass(frozen=True, kw_only=True)
class Rates:
    """How often the test said "present": at least `hits` where it was, at most `alarms` where it was not."""

    hits: float
    alarms: float

    @property
    def mu(self) -> float:
        """The smallest mu of a Gaussian mechanism that allows such a test (0 if any does)."""
        if self.hits <= self.alarms:
            return 0.0
        return _NORMAL.inv_cdf(self.hits) - _NORMAL.inv_cdf(self.alarms)

    @property
    def advantage(self) -> float:
        """True positives minus false positives."""
        return max(0.0, self.hits - self.alarms)

    def epsilon(self, delta: float) -> float:
        """The smallest epsilon that allows such a test at this delta: hits <= e^epsilon alarms + delta."""
        return max(0.0, math.log((self.hits - delta) / self.alarms)) if self.hits > delta else 0.0


def at_least(successes: int, trials: int, *, risk: float) -> float:
    """Clopper-Pearson from below: with probability 1 - risk the rate is at least this."""
    require_counts(successes, trials)
    return 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, risk))


def at_most(successes: int, trials: int, *, risk: float) -> float:
    """Clopper-Pearson from above: with probability 1 - risk the rate is at most this."""
    return 1.0 - at_least(trials - successes, trials, risk=risk)


def require_counts(successes: int, trials: int) -> None:
    """Refuse what is no count of successes. Raises: ValueError."""
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"expected 0 <= successes <= trials and a trial, got {successes} of {trials}; count again")


def rates(absent: Floats, present: Floats, *, threshold: float, confidence: float) -> Rates:
    """Bounds on both rates of the test "score above the threshold", jointly true with this confidence."""
    risk = (1.0 - confidence) / 2.0
    return Rates(
        hits=at_least(int((present > threshold).sum()), len(present), risk=risk),
        alarms=at_most(int((absent > threshold).sum()), len(absent), risk=risk),
    )


def lower_rates(absent: Floats, present: Floats, *, worth: Callable[[Rates], float], confidence: float) -> Rates:
    """The rates of the second half at the threshold that was worth most in the first.

    absent, present: one score per run, shapes (M,). worth: what the bound is for, such as `Rates.mu`.
    """
    half_absent, half_present = len(absent) // 2, len(present) // 2
    if min(half_absent, half_present) < 1:
        raise ValueError(f"expected at least two runs of each world, got {len(absent)} and {len(present)}; run more")
    chosen = fixed_threshold(absent[:half_absent], present[:half_present], worth=worth, confidence=confidence)
    return rates(absent[half_absent:], present[half_present:], threshold=chosen, confidence=confidence)


def fixed_threshold(absent: Floats, present: Floats, *, worth: Callable[[Rates], float], confidence: float) -> float:
    """Of the quantiles of all scores, and of the middle between both worlds, the one whose bound is worth most here."""
    middle = (np.median(absent) + np.median(present)) / 2.0
    candidates = [middle, *np.quantile(np.concatenate([absent, present]), _CANDIDATES)]

    def value(threshold: float) -> float:
        return worth(rates(absent, present, threshold=threshold, confidence=confidence))

    return float(max(candidates, key=value))
