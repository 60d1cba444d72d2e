"""Gradient ascent: climb the loss of the rows to forget.

Jang et al., "Knowledge Unlearning for Mitigating Privacy Risks in Language Models" (ACL 2023), unlikelihood by a
negated loss:

    L_f = - (1 / T) sum_t -log p(y_t | x, y_<t)

It has no lower bound: run on, it wrecks the model. Gradient difference (Liu, Liu and Stone, "Continual Learning and
Private Unlearning", CoLLAs 2022; Maini et al., "TOFU", 2024) adds the ordinary loss of the rows to keep,

    L = gamma L_f + alpha L_r,      L_r = (1 / T_r) sum_t -log p(y_t | x, y_<t)
"""

from __future__ import annotations

from torch import Tensor


def gradient_ascent(nll_B: Tensor) -> Tensor:
    """-nll per row; averaged over the answer tokens."""
    return -nll_B
