"""l1-sparse: fine-tune on the rows to keep while small weights are pressed to nothing.

Jia, Liu, Ram, Yao, Liu, Liu, Sharma, Liu, "Model Sparsity Can Simplify Machine Unlearning" (NeurIPS 2023), l1-sparse
unlearning, with the weight of the penalty falling linearly to 0 (the decreasing schedule that the paper prefers):

    min_w  E_retain CE(f_w(x), y)  +  gamma_t |w|_1,      gamma_t = gamma (1 - t / T)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from unlearning.classifiers.unlearning_loop import Forgetting, descend, kept, movable, steps_of


def loss(logits_BC: Tensor, y_B: Tensor, weights: Iterable[Tensor], *, l1: float) -> Tensor:
    """Mean cross-entropy plus `l1` times the sum of |weights|."""
    return functional.cross_entropy(logits_BC, y_B) + l1 * torch.stack([weight.abs().sum() for weight in weights]).sum()


def fading(l1: float, *, step: int, steps: int) -> float:
    """The penalty's weight after `step` of `steps` steps."""
    return l1 * (1.0 - step / steps)


def unlearn(given: Forgetting, options: Mapping[str, Any]) -> None:
    """`epochs` passes over the rows to keep."""
    passes = {"epochs": options["epochs"], "batch": options["batch"]}
    steps = steps_of(given.retain, **passes)

    def of(item: tuple[int, Tensor]) -> Tensor:
        step, rows_B = item
        l1 = fading(options["l1"], step=step, steps=steps)
        logits_BC = given.network(given.retain.x[rows_B])
        return loss(logits_BC, given.retain.y[rows_B], movable(given.network), l1=l1)

    descend(given, enumerate(kept(given, **passes)), of, steps=steps, lr=options["lr"])
