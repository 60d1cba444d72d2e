"""Gradients of the logistic losses; pure functions. Their constants L and beta are `accounting.recommend`'s.

Letters: N rows, G augmented features, C classes, K rows of theta (1 when binary).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Gradient = Callable[[Tensor, Tensor, Tensor], Tensor]


def binary_gradient(theta_1G: Tensor, rows_NG: Tensor, targets_N1: Tensor) -> Tensor:
    """Sum over rows of the gradient of ln(1 + exp(-+ margin)), unregularised. Returns shape (1, G).

    targets_N1: 1.0 for the second class, 0.0 for the first. Per row: length <= |x|, smoothness |x|^2 / 4.
    """
    excess_N1 = torch.sigmoid(rows_NG @ theta_1G.T) - targets_N1
    return excess_N1.T @ rows_NG


def softmax_gradient(theta_CG: Tensor, rows_NG: Tensor, targets_NC: Tensor) -> Tensor:
    """Sum over rows of the gradient of the cross-entropy, unregularised. Returns shape (C, G).

    targets_NC: one-hot. Jointly over all outputs, per row: length <= sqrt(2) |x|, smoothness |x|^2 / 2.
    """
    excess_NC = torch.softmax(rows_NG @ theta_CG.T, dim=1) - targets_NC
    return excess_NC.T @ rows_NG


def gradient_for(classes: int) -> Gradient:
    """The tighter loss for so many classes: two need one margin only."""
    return binary_gradient if classes == 2 else softmax_gradient


def targets_for(positions_N: Tensor, *, classes: int) -> Tensor:
    """Targets in the shape that `gradient_for(classes)` wants."""
    if classes == 2:
        return positions_N.to(torch.float64)[:, None]
    return torch.nn.functional.one_hot(positions_N, classes).to(torch.float64)
