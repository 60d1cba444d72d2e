"""Rows that stand in for pictures where no data set has the size wanted. Everything follows from the seed.

Letters: N rows, F features.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SPEAKING = 10  # features that say something about the label


def rows_like_pictures(n: int, *, features: int, seed: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Rows_NF of length 1 and two classes. As in pictures a few directions hold most of the variance (feature k has
    variance 1/k); the label follows the first ten, with logistic noise, so that no model is right always."""
    chance = np.random.default_rng(seed)
    rows_NF = chance.standard_normal((n, features)) / np.sqrt(np.arange(1, features + 1))
    teacher_F = np.where(np.arange(features) < SPEAKING, (-1.0) ** np.arange(features), 0.0)
    margins_N = 3.0 * rows_NF @ teacher_F + chance.logistic(size=n)
    rows_NF /= np.linalg.norm(rows_NF, axis=1, keepdims=True)
    return rows_NF, (margins_N > 0.0).astype(np.int64)
