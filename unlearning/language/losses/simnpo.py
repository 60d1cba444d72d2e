"""Simple negative preference optimisation: NPO without a reference, by the mean over the answer's tokens.

Fan et al., "Simplicity Prevails: Rethinking Negative Preference Optimization for LLM Unlearning" (2024):

    L_f = -(2 / beta) log sigmoid( beta ( nll / T - delta ) ),          T answer tokens
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import logsigmoid


def simnpo(nll_B: Tensor, counts_B: Tensor, *, beta: float, delta: float) -> Tensor:
    """The loss per row; averaged over rows. delta: the margin, in nats per token."""
    return -2 / beta * logsigmoid(beta * (nll_B / counts_B - delta))
