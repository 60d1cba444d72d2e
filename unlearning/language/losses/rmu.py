"""Representation misdirection: at one layer, the rows to forget are pushed to a random point, the others held.

Li et al., "The WMDP Benchmark: Measuring and Reducing Malicious Use with Unlearning" (ICML 2024), RMU, with h_l(t) the
hidden state after layer l at an answer token and u a random unit vector:

    L_f = (1 / T) sum_t || h_l(t) - c u ||^2 / D,        L_r = (1 / T_r) sum_t || h_l(t) - h_l^0(t) ||^2 / D

The paper divides by no D; with it the two weights mean the same at every width. Nothing after layer l is needed.
"""

from __future__ import annotations

import torch
from torch import Tensor


def direction(width: int, *, seed: int) -> Tensor:
    """The unit vector u (D,): uniform in [0, 1) per coordinate, then scaled, as the authors draw it."""
    drawn_D = torch.rand(width, generator=torch.Generator().manual_seed(seed))
    unit_D: Tensor = drawn_D / drawn_D.norm()
    return unit_D


def rmu(hidden_KD: Tensor, aim_KD: Tensor) -> Tensor:
    """Squared distance to the aim per answer token, a mean over D; averaged over the tokens. Aim: c u, or h_l^0."""
    return (hidden_KD - aim_KD).square().mean(dim=-1)
