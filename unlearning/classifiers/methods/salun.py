"""SalUn: random label, but only those weights move that matter most for the rows to forget.

Fan, Liu, Zhang, Wong, Wei, Liu, "SalUn" (ICLR 2024), the saliency mask and the update under it:

    m = 1( |grad_w E_forget CE(f_w(x), y)| >= threshold )  at the original weights
    w = m * w_new + (1 - m) * w_original

with the threshold at a quantile of all slopes (the paper's is the median), and random label as the loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from unlearning.classifiers.methods import random_label
from unlearning.classifiers.unlearning_loop import Forgetting, movable


def saliency_masks(slopes: Sequence[Tensor], *, share: float) -> list[Tensor]:
    """1 for the `share` of all weights together with the largest |slope|, else 0; ties at the threshold count as large.

    A weight without any slope never moves.
    """
    sizes_W = torch.cat([slope.abs().flatten() for slope in slopes])
    wanted = max(1, round(share * len(sizes_W)))
    threshold = sizes_W.kthvalue(len(sizes_W) - wanted + 1).values
    return [((slope.abs() >= threshold) & (slope != 0)).to(slope.dtype) for slope in slopes]


def slopes_on(given: Forgetting, *, batch: int) -> list[Tensor]:
    """The gradient of the mean loss over all rows to forget, per parameter, at the present weights."""
    weights, rows = movable(given.network), len(given.forget)
    slopes = [torch.zeros_like(weight) for weight in weights]
    given.network.eval()
    for at in range(0, rows, batch):
        part = slice(at, at + batch)
        logits_BC = given.network(given.forget.x[part])
        value = functional.cross_entropy(logits_BC, given.forget.y[part], reduction="sum") / rows
        for slope, piece in zip(slopes, torch.autograd.grad(value, weights), strict=True):
            slope += piece
    return slopes


def unlearn(given: Forgetting, options: Mapping[str, Any]) -> None:
    """Random label with every slope masked; Adam without decay leaves a weight of slope 0 exactly where it is."""
    masks = saliency_masks(slopes_on(given, batch=options["batch"]), share=options["share"])
    hooks = [
        weight.register_hook(partial(torch.mul, mask))  # type: ignore[no-untyped-call] # torch leaves it bare
        for weight, mask in zip(movable(given.network), masks, strict=True)
    ]
    try:
        random_label.unlearn(given, options)
    finally:
        for hook in hooks:
            hook.remove()
