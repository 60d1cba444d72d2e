"""The retained loss, written a second time: gradient and curvature in numpy. Nothing here comes from the engine.

    F(theta) = (1 / n_0) sum over rows of loss(theta; row) + (lam / 2) |theta|^2

Letters: N rows, G features with the intercept's 1, K rows of theta (1 when binary), D = K G, S models at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax

Floats = npt.NDArray[np.float64]
Loss = Literal["binary", "softmax", "one_vs_rest"]


@dataclass(frozen=True)
class Objective:
    """The loss on these rows. targets: (N, K), 1.0 where the row has the output's class (binary: the second class)."""

    rows: Floats
    targets: Floats
    loss: Loss
    lam: float
    n_0: int

    def gradients(self, thetas_SKG: Floats) -> Floats:
        """The gradient of F at S models at once; same shape."""
        S, K, G = thetas_SKG.shape
        logits_NSK = (self.rows @ thetas_SKG.reshape(S * K, G).T).reshape(-1, S, K)
        excess_NSK = self._chances(logits_NSK) - self.targets[:, None, :]
        sums_SKG = (excess_NSK.reshape(-1, S * K).T @ self.rows).reshape(S, K, G)
        full_SKG: Floats = sums_SKG / self.n_0 + self.lam * thetas_SKG
        return full_SKG

    def gradient(self, theta_KG: Floats) -> Floats:
        """The gradient of F at one model."""
        first_KG: Floats = self.gradients(theta_KG[None])[0]
        return first_KG

    def weights(self, theta_KG: Floats) -> Floats:
        """Second derivatives of each row's loss by its logits, shape (N, K, K)."""
        chances_NK = self._chances((self.rows @ theta_KG.T)[:, None, :])[:, 0, :]
        each_NK = chances_NK if self.loss == "softmax" else chances_NK * (1.0 - chances_NK)
        weights_NKK: Floats = each_NK[:, :, None] * np.eye(each_NK.shape[1])
        return weights_NKK - chances_NK[:, :, None] * chances_NK[:, None, :] if self.loss == "softmax" else weights_NKK

    def times(self, weights_NKK: Floats, direction_KG: Floats) -> Floats:
        """The Hessian of F, whose `weights` are given, times a direction."""
        along_NK = np.einsum("nkl,nl->nk", weights_NKK, self.rows @ direction_KG.T)
        product_KG: Floats = along_NK.T @ self.rows / self.n_0 + self.lam * direction_KG
        return product_KG

    def hessian(self, theta_KG: Floats) -> Floats:
        """The Hessian of F as a matrix of shape (D, D)."""
        weights_NKK, (K, G) = self.weights(theta_KG), theta_KG.shape
        blocks = np.empty((K, G, K, G))
        for k in range(K):
            for other in range(k + 1):
                block_GG = self.rows.T @ (weights_NKK[:, k, other, None] * self.rows) / self.n_0
                blocks[k, :, other, :] = blocks[other, :, k, :] = block_GG
        return blocks.reshape(K * G, K * G) + self.lam * np.eye(K * G)

    def _chances(self, logits_NSK: Floats) -> Floats:
        found: Floats = softmax(logits_NSK, axis=-1) if self.loss == "softmax" else expit(logits_NSK)
        return found


def prepared(features_NF: Floats, *, centres: Sequence[float], scales: Sequence[float], norm_bound: float) -> Floats:
    """Raw rows as the loss sees them: scaled by public constants, a 1 behind, none longer than the norm bound."""
    scaled_NF = (features_NF - np.asarray(centres)) / np.asarray(scales)
    rows_NG = np.concatenate([scaled_NF, np.ones((len(scaled_NF), 1))], axis=1)
    lengths_N1 = np.sqrt((rows_NG**2).sum(axis=1, keepdims=True))
    short_NG: Floats = np.where(lengths_N1 > norm_bound, rows_NG * (norm_bound / lengths_N1), rows_NG)
    return short_NG


def targets(labels_N: npt.NDArray[np.int64], classes: Sequence[int], loss: Loss) -> Floats:
    """One column per output, 1.0 where the label is its class; a binary model has the second class's column only."""
    named = list(classes)[1:] if loss == "binary" else list(classes)
    columns_NK: Floats = (labels_N[:, None] == np.asarray(named)[None, :]).astype(np.float64)
    return columns_NK
