"""Directions in which the noise of an honest run falls apart into independent parts: eigenvectors of the Hessian.

Softmax has a direction per feature that changes no prediction (the same added to all classes). The penalty curves it
like any other, by lam alone, so the noise lives there as well and the direction counts as a proper one.
Letters: K rows of theta, G features, D = K G, S models at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unlearning.witness.claim import CannotTellError
from unlearning.witness.objective import Floats, Objective

LARGEST_DENSE = 1500
LARGEST = 20_000


@dataclass(frozen=True)
class DenseBasis:
    """All eigenvectors of the Hessian itself, from slow to fast: what the chi-square laws stand on."""

    curvatures: Floats
    vectors: Floats

    def coordinates(self, thetas_SKG: Floats) -> Floats:
        """Shape (S, D)."""
        found_SD: Floats = thetas_SKG.reshape(len(thetas_SKG), -1) @ self.vectors
        return found_SD


@dataclass(frozen=True)
class KroneckerBasis:
    """Eigenvectors of (mean class weights) x (mean outer product of rows): near the Hessian's; laws are simulated."""

    curvatures: Floats
    order: npt.NDArray[np.int64]
    classes: Floats
    features: Floats

    def coordinates(self, thetas_SKG: Floats) -> Floats:
        """Shape (S, D)."""
        turned_SKG = np.einsum("kl,skg->slg", self.classes, thetas_SKG) @ self.features
        found_SD: Floats = turned_SKG.reshape(len(thetas_SKG), -1)[:, self.order]
        return found_SD


Basis = DenseBasis | KroneckerBasis


def basis_at(objective: Objective, theta_KG: Floats) -> Basis:
    """The basis at the minimiser: exact up to 1,500 weights, of Kronecker's form above.

    Raises: CannotTellError with TOO_LARGE.
    """
    if theta_KG.size > LARGEST:
        reason = f"the model has {theta_KG.size} weights; the witness can judge {LARGEST} at most"
        raise CannotTellError("TOO_LARGE", reason)
    if theta_KG.size > LARGEST_DENSE:
        return _kronecker(objective, theta_KG)
    curvatures_D, vectors_DD = np.linalg.eigh(objective.hessian(theta_KG))
    return DenseBasis(curvatures_D, vectors_DD)


def _kronecker(objective: Objective, theta_KG: Floats) -> KroneckerBasis:
    rows_NG = objective.rows
    by_class_K, classes_KK = np.linalg.eigh(objective.weights(theta_KG).sum(axis=0) / objective.n_0)
    by_feature_G, features_GG = np.linalg.eigh(rows_NG.T @ rows_NG / len(rows_NG))
    curvatures_D = objective.lam + np.maximum(np.outer(by_class_K, by_feature_G), 0.0).reshape(-1)
    order_D = np.argsort(curvatures_D)
    return KroneckerBasis(curvatures_D[order_D], order_D, classes_KK, features_GG)
