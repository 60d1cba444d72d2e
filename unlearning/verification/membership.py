"""Membership by loss: are deleted rows easier for the model than rows it never saw? Pure functions.

Letters: N rows, C classes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


def losses(scores_NC: Floats, positions_N: Positions) -> Floats:
    """Cross-entropy of each row's own label."""
    own_N = scores_NC[np.arange(len(scores_NC)), positions_N]
    each_N: Floats = logsumexp(scores_NC, axis=1) - own_N
    return each_N


def auc(members: Floats, strangers: Floats) -> float:
    """Chance that a random member has a smaller loss than a random stranger, ties counted half. 0.5 tells nothing."""
    ranks = rankdata(np.concatenate([members, strangers]))
    n, m = len(members), len(strangers)
    larger = float(ranks[:n].sum()) - n * (n + 1) / 2.0
    return 1.0 - larger / (n * m)
