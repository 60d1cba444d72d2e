"""Random label: teach each row to forget one drawn label that is not its own, and keep the others.

Golatkar et al. (CVPR 2020), the random-label baseline, with the rows to keep beside it as in Fan et al., "SalUn"
(ICLR 2024):

    min_w  E_(x,y) in forget  CE(f_w(x), y')  +  a E_(x,y) in retain  CE(f_w(x), y),      y' drawn, y' != y
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from unlearning.classifiers.unlearning_loop import Forgetting, descend, pairs, steps_of


def loss(kept_BC: Tensor, y_B: Tensor, forget_BC: Tensor, drawn_B: Tensor, *, retain_weight: float) -> Tensor:
    """Cross-entropy of the drawn labels plus `retain_weight` times that of the rows to keep."""
    relabelled = functional.cross_entropy(forget_BC, drawn_B)
    return relabelled + retain_weight * functional.cross_entropy(kept_BC, y_B)


def drawn_labels(y_N: Tensor, *, classes: int, seed: int) -> Tensor:
    """For each row one of the other classes, all equally likely; a row keeps its drawn label to the end."""
    shifts_N = torch.randint(1, classes, y_N.shape, generator=torch.Generator().manual_seed(seed))
    return (y_N + shifts_N.to(y_N.device)) % classes


def unlearn(given: Forgetting, options: Mapping[str, Any]) -> None:
    """`epochs` passes over the rows to keep, a batch to forget beside each."""
    passes = {"epochs": options["epochs"], "batch": options["batch"]}
    drawn_N = drawn_labels(given.forget.y, classes=given.classes, seed=given.seed)

    def of(rows: tuple[Tensor, Tensor]) -> Tensor:
        kept_B, gone_B = rows
        kept_BC, forget_BC = given.network(given.retain.x[kept_B]), given.network(given.forget.x[gone_B])
        weight = options["retain_weight"]
        return loss(kept_BC, given.retain.y[kept_B], forget_BC, drawn_N[gone_B], retain_weight=weight)

    descend(given, pairs(given, **passes), of, steps=steps_of(given.retain, **passes), lr=options["lr"])
