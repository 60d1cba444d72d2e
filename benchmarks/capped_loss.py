"""Softmax and binary losses that nobody can pull on harder than a row the model knows nothing about.

Where the true class has less than half of the probability the loss goes on as a straight line in its margin, so the
excess is scaled down to a total of 1/2. That is clipping which stays a gradient of a convex, equally smooth loss: the
loss is max over q of <q, z> + entropy(q), minus the true logit, over the q that give the true class at least 1/2.
L falls from sqrt(2) |x| to |x| / sqrt(2) (softmax) and from |x| to |x| / 2 (binary): half the noise for the same mu.

Letters: B rows, C classes, logits C x B as the engine lays them.
"""

import math

from torch import Tensor

from unlearning.certified.objective import binary_excess, softmax_excess

CAP = 0.5


def capped_softmax_excess(logits_CB: Tensor, positions_B: Tensor) -> Tensor:
    """Per row: L = |x| / sqrt(2) jointly over all outputs, beta = |x|^2 / 2."""
    excess_CB = softmax_excess(logits_CB, positions_B)
    blame_1B = excess_CB.gather(0, positions_B[None, :]).neg_()  # 1 - p of the true class
    return excess_CB.mul_(CAP / blame_1B.clamp_(min=CAP))


def capped_binary_excess(logits_1B: Tensor, positions_B: Tensor) -> Tensor:
    """Per row: L = |x| / 2, beta = |x|^2 / 4."""
    return binary_excess(logits_1B, positions_B).clamp_(-CAP, CAP)


def clipped_softmax_excess(logits_CB: Tensor, positions_B: Tensor) -> Tensor:
    """Clipping as DP-SGD does it, for a diagnosis only: no gradient field, so no deletion can be certified with it."""
    excess_CB = softmax_excess(logits_CB, positions_B)
    return excess_CB.mul_(CAP / excess_CB.norm(dim=0, keepdim=True).clamp_(min=CAP))


def capped_constants(*, classes: int) -> tuple[float, float]:
    """(L, beta) for rows of length at most 1."""
    return (CAP, 0.25) if classes == 2 else (math.sqrt(2.0) * CAP, 0.5)
