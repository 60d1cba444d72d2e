"""The unlearning-mapping attack on linear models, solved exactly: how small a change makes the model say the label?

For a linear model the attack's search is a convex problem, so what is found is the true minimum and no optimiser can
have missed a smaller change. Budgets count in scaled features: 0.02 in l-infinity moves each feature by at most two
hundredths of its public scale. Pure functions. Letters: N rows, C classes, F features, J = C - 1 rivals of the target.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog, nnls

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]
Norm = Literal["l2", "linf"]


def smallest_changes(scores_NC: Floats, weights_CF: Floats, targets_N: Positions, *, norm: Norm) -> Floats:
    """Per row, the least norm of a change after which the target's score is the largest; infinity where none is.

    Zero means that the model gives the target without any change (a tie counts as given).
    """
    return np.array(
        [
            _smallest_change(scores_C, weights_CF, int(target), norm=norm)
            for scores_C, target in zip(scores_NC, targets_N, strict=True)
        ],
        dtype=np.float64,
    )


def successes(changes_N: Floats, *, budget: float) -> list[int]:
    """One bit per row: can the target be had within this budget?"""
    return [int(change <= budget) for change in changes_N]


def _smallest_change(scores_C: Floats, weights_CF: Floats, target: int, *, norm: Norm) -> float:
    gaps_J = np.delete(scores_C - scores_C[target], target)
    normals_JF = np.delete(weights_CF[target] - weights_CF, target, axis=0)
    if gaps_J.max() <= 0.0:
        return 0.0
    lengths_J = np.linalg.norm(normals_JF, ord=2 if norm == "l2" else 1, axis=1)
    if np.any((lengths_J == 0.0) & (gaps_J > 0.0)):
        return float("inf")
    single_J = np.divide(np.maximum(gaps_J, 0.0), lengths_J, out=np.zeros_like(gaps_J), where=lengths_J > 0.0)
    hardest = int(single_J.argmax())
    # The hardest rival alone gives a lower bound; when its own best change already beats all others, it is the answer.
    step_F = _best_step(normals_JF[hardest], norm=norm) * single_J[hardest]
    if np.all(normals_JF @ step_F >= gaps_J - 1e-12 * np.abs(gaps_J).max()):
        return float(single_J[hardest])
    return _least_l2(normals_JF, gaps_J) if norm == "l2" else _least_linf(normals_JF, gaps_J)


def _best_step(normal_F: Floats, *, norm: Norm) -> Floats:
    """The unit change that gains most along one normal."""
    step_F: Floats = normal_F / np.linalg.norm(normal_F) if norm == "l2" else np.sign(normal_F)
    return step_F


def _least_l2(normals_JF: Floats, gaps_J: Floats) -> float:
    """Least length of a change with normals @ change >= gaps (Lawson and Hanson's least-distance programme)."""
    scale = np.abs(gaps_J).max()
    stacked = np.vstack([normals_JF.T, gaps_J / scale])
    goal = np.zeros(len(stacked))
    goal[-1] = 1.0
    weights_J, misfit = nnls(stacked, goal)
    residual = stacked @ weights_J - goal
    if misfit < 1e-9 or residual[-1] >= 0.0:
        return float("inf")
    return float(np.linalg.norm(residual[:-1] / residual[-1]) * scale)


def _least_linf(normals_JF: Floats, gaps_J: Floats) -> float:
    """Least largest entry of a change with normals @ change >= gaps, by linear programming."""
    width = normals_JF.shape[1]
    box = np.vstack([np.eye(width), -np.eye(width)])
    limits = np.vstack(
        [np.hstack([-normals_JF, np.zeros((len(gaps_J), 1))]), np.hstack([box, -np.ones((2 * width, 1))])]
    )
    found = linprog(
        np.append(np.zeros(width), 1.0),
        A_ub=limits,
        b_ub=np.append(-gaps_J, np.zeros(2 * width)),
        bounds=[(None, None)] * width + [(0.0, None)],
        method="highs",
    )
    return float(found.fun) if found.success else float("inf")
