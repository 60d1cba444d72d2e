"""ROC curve, its area, and how sure the area is. Pure functions; a larger score speaks for membership.

Letters: N members, M strangers, T thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, rankdata

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Roc:
    """Every point of the curve from (0, 0) to (1, 1), one per distinct score; all of shape (T,)."""

    false_positive: Floats
    true_positive: Floats

    def flat(self) -> list[float]:
        """fpr, tpr, fpr, tpr, ..."""
        return np.stack([self.false_positive, self.true_positive], axis=1).ravel().tolist()


def roc(members_N: Floats, strangers_M: Floats) -> Roc:
    """Shares of strangers and members at or above each distinct score, the highest first."""
    steps_T = np.unique(np.concatenate([members_N, strangers_M]))[::-1]
    return Roc(_shares(strangers_M, steps_T), _shares(members_N, steps_T))


def auc(members_N: Floats, strangers_M: Floats) -> float:
    """Chance that a random member scores above a random stranger, ties counted half. 0.5 tells nothing."""
    count, others = len(members_N), len(strangers_M)
    ranks = rankdata(np.concatenate([members_N, strangers_M]))
    above = float(ranks[:count].sum()) - count * (count + 1) / 2.0
    return above / (count * others)


def auc_interval(members_N: Floats, strangers_M: Floats, *, level: float = 0.95) -> tuple[float, float]:
    """An interval that holds the true area with about this probability.

    DeLong, DeLong and Clarke-Pearson (1988) on the logit scale. Where that variance is nil (all members on one side of
    all strangers, or all tied) the exact binomial bound takes over: min(N, M) pairs of one member and one stranger are
    independent trials of the area, so DeLong's certainty from three rows is never believed.
    """
    area = auc(members_N, strangers_M)
    variance = _delong_variance(members_N, strangers_M)
    if area in (0.0, 1.0) or variance <= 0.0:
        return _exact(area, trials=min(len(members_N), len(strangers_M)), level=level)
    centre, spread = np.log(area / (1.0 - area)), np.sqrt(variance) / (area * (1.0 - area))
    reach = norm.ppf(0.5 + level / 2.0) * spread
    low, high = 1.0 / (1.0 + np.exp(-(centre + np.array([-reach, reach]))))
    return float(low), float(high)


def true_positive_at(curve: Roc, false_positive: float) -> float:
    """The largest share of members found at no more than this share of strangers accused."""
    return float(curve.true_positive[curve.false_positive <= false_positive].max())


def _shares(scores: Floats, steps_T: Floats) -> Floats:
    """0, then for each step (descending) the share of scores at or above it."""
    below_T = np.searchsorted(np.sort(scores), steps_T, side="left")
    shares_T: Floats = np.concatenate([[0.0], 1.0 - below_T / len(scores)])
    return shares_T


def _delong_variance(members_N: Floats, strangers_M: Floats) -> float:
    """By ranks (Sun and Xu, 2014): each row's placement is its rank among all less its rank among its own."""
    count, others = len(members_N), len(strangers_M)
    if min(count, others) < 2:
        return 0.0
    ranks = rankdata(np.concatenate([members_N, strangers_M]))
    placed_N = (ranks[:count] - rankdata(members_N)) / others
    placed_M = (ranks[count:] - rankdata(strangers_M)) / count
    return float(placed_N.var(ddof=1) / count + placed_M.var(ddof=1) / others)


def _exact(area: float, *, trials: int, level: float) -> tuple[float, float]:
    if area == 1.0:
        return ((1.0 - level) / 2.0) ** (1.0 / trials), 1.0
    if area == 0.0:
        return 0.0, 1.0 - ((1.0 - level) / 2.0) ** (1.0 / trials)
    return 0.0, 1.0  # all tied, or a single row: nothing is known
