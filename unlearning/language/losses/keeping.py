"""Keeping by likelihood: the ordinary loss of the rows to keep, the L_r of most methods.

L_r = (1 / T_r) sum_t -log p(y_t | x, y_<t)
"""

from __future__ import annotations

from torch import Tensor


def keeping(nll_B: Tensor) -> Tensor:
    """nll per row; averaged over the answer tokens."""
    return nll_B
