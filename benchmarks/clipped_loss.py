"""Clipping as DP-SGD does it, in the engine's steps: a diagnosis only.

Clipped softmax gradients are no gradient field, so steps need not contract and no deletion can be certified with them.
Letters: B rows, C classes, logits C x B as the engine lays them.
"""

from torch import Tensor

from unlearning.certified.objective import CAP, softmax_excess


def clipped_softmax_excess(logits_CB: Tensor, positions_B: Tensor) -> Tensor:
    """The excess of softmax, each row's cut to length CAP."""
    excess_CB = softmax_excess(logits_CB, positions_B)
    return excess_CB.mul_(CAP / excess_CB.norm(dim=0, keepdim=True).clamp_(min=CAP))
