"""Negative preference optimisation: a bounded ascent, which lets go of a row as it is forgotten.

Zhang et al., "Negative Preference Optimization: From Catastrophic Collapse to Effective Unlearning" (COLM 2024), the
loss of DPO with only a rejected answer:

    L_f = -(2 / beta) log sigmoid( -beta log( p(y | x) / p_0(y | x) ) )
        = -(2 / beta) log sigmoid( beta (nll - nll_0) ),            sums over the answer

Its slope is that of gradient ascent times 2 p^beta / (p^beta + p_0^beta).
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import logsigmoid


def npo(nll_B: Tensor, reference_nll_B: Tensor, *, beta: float) -> Tensor:
    """The loss per row; averaged over rows. reference_nll_B: under the model before unlearning, cached."""
    return -2 / beta * logsigmoid(beta * (nll_B - reference_nll_B))
