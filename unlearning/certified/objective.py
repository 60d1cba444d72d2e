"""How far each row's prediction is from its label: the one place where the losses differ. Pure functions.

A row x with logits z = theta x has the gradient `excess outer x`, so the kernel needs nothing else of a loss. The
constants L and beta of each loss are `accounting.recommend`'s; all outputs count jointly (guarantees H7).

Letters: B rows of one chunk, K outputs (1 when binary), C classes. Logits lie K x B: the rows of a chunk are the long
axis of both products, which is worth a factor of two.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Excess = Callable[[Tensor, Tensor], Tensor]
CAP = 0.5  # what a row the model knows nothing about asks for; lower would dampen the first steps as much as the noise


def binary_excess(logits_1B: Tensor, positions_B: Tensor) -> Tensor:
    """Of ln(1 + exp(-+ margin)). positions_B: 1 for the second class. Per row: L = |x|, beta = |x|^2 / 4."""
    return torch.sigmoid(logits_1B).sub_(positions_B)


def softmax_excess(logits_CB: Tensor, positions_B: Tensor) -> Tensor:
    """Of the cross-entropy. Jointly over all outputs, per row: L = sqrt(2) |x|, beta = |x|^2 / 2."""
    return _less_one_at(torch.softmax(logits_CB, dim=0), positions_B)


def one_vs_rest_excess(logits_CB: Tensor, positions_B: Tensor) -> Tensor:
    """Of the sum of C binary losses. Jointly over all outputs, per row: L = sqrt(C) |x|, beta = |x|^2 / 4."""
    return _less_one_at(torch.sigmoid(logits_CB), positions_B)


def capped_binary_excess(logits_1B: Tensor, positions_B: Tensor) -> Tensor:
    """Of a logistic loss that goes on as a straight line on the wrong side. Per row: L = |x| / 2, beta = |x|^2 / 4."""
    return binary_excess(logits_1B, positions_B).clamp_(-CAP, CAP)


def capped_softmax_excess(logits_CB: Tensor, positions_B: Tensor) -> Tensor:
    """Of max over q of <q, logits> + entropy(q), less the true logit, over the q that give the true class at least 1/2.

    Cross-entropy where the true class has half of the probability, a straight line in its margin where it has less:
    what clipping wants to be, and still the gradient of a convex, equally smooth loss, so that steps contract.
    Jointly over all outputs, per row: L = |x| / sqrt(2), beta = |x|^2 / 2.
    """
    excess_CB = softmax_excess(logits_CB, positions_B)
    missing_1B = excess_CB.gather(0, positions_B[None, :]).neg_()  # 1 - p of the true class
    return excess_CB.mul_(CAP / missing_1B.clamp_(min=CAP))


EXCESS: dict[str, Excess] = {
    "binary": binary_excess,
    "softmax": softmax_excess,
    "one_vs_rest": one_vs_rest_excess,
    "capped_binary": capped_binary_excess,
    "capped_softmax": capped_softmax_excess,
}


def _less_one_at(shares_CB: Tensor, positions_B: Tensor) -> Tensor:
    """Minus one-hot without making it."""
    ones = torch.ones(1, shares_CB.shape[1], dtype=shares_CB.dtype, device=shares_CB.device)
    return shares_CB.scatter_add_(0, positions_B[None, :], ones.neg_())
