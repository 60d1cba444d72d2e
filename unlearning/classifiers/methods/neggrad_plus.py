"""NegGrad+: down on the rows to keep and up on the rows to forget, in one weighted step.

Kurmanji, Triantafillou, Hayes, Triantafillou, "Towards Unbounded Machine Unlearning" (NeurIPS 2023), the
NegGrad+ baseline:

    min_w  beta E_retain CE(f_w(x), y)  -  (1 - beta) E_forget CE(f_w(x), y)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.nn import functional

from unlearning.classifiers.unlearning_loop import Forgetting, descend, pairs, steps_of


def loss(kept_BC: Tensor, y_B: Tensor, forget_BC: Tensor, own_B: Tensor, *, beta: float) -> Tensor:
    """beta times the loss of rows to keep, minus 1 - beta times the loss of rows to forget; no lower bound."""
    return beta * functional.cross_entropy(kept_BC, y_B) - (1.0 - beta) * functional.cross_entropy(forget_BC, own_B)


def unlearn(given: Forgetting, options: Mapping[str, Any]) -> None:
    """`epochs` passes over the rows to keep, a batch to forget beside each."""
    passes = {"epochs": options["epochs"], "batch": options["batch"]}

    def of(rows: tuple[Tensor, Tensor]) -> Tensor:
        kept_B, gone_B = rows
        kept_BC, forget_BC = given.network(given.retain.x[kept_B]), given.network(given.forget.x[gone_B])
        return loss(kept_BC, given.retain.y[kept_B], forget_BC, given.forget.y[gone_B], beta=options["beta"])

    descend(given, pairs(given, **passes), of, steps=steps_of(given.retain, **passes), lr=options["lr"])
