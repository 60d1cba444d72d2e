"""Adversarial unlearning: find the query near a record that brings it back, and relabel the record there.

The defence of Xuan and Li, "Verifying Robust Unlearning" (arXiv 2504.14798), in its min-max form, with random label as
the outer loss:

    min_w  E_forget CE(f_w(x + d*), y')  +  a E_retain CE(f_w(x), y)
    d* = argmin CE(f_w(x + d), y)  over  |d|_inf <= budget

It is trained against one attack at one budget: that this attack no longer succeeds is its aim, and proves little by
itself. It costs `search_steps` more passes over the rows to forget in each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from unlearning.classifiers.methods import random_label
from unlearning.classifiers.unlearning_loop import Forgetting, descend, pairs, steps_of


def resurfacing(network: nn.Module, x_B: Tensor, y_B: Tensor, *, budget: float, search_steps: int) -> Tensor:
    """Queries within `budget` (l-inf, scaled features) of x on which the network gives y back more surely than on x.

    Steps of 2.5 budget / search_steps along the sign of the slope, from x itself, so that nothing is drawn.
    """
    change_B = torch.zeros_like(x_B)
    for _ in range(search_steps):
        query_B = (x_B + change_B).requires_grad_()
        value = functional.cross_entropy(network(query_B), y_B, reduction="sum")
        (slope_B,) = torch.autograd.grad(value, query_B)
        change_B = (change_B - 2.5 * budget / search_steps * slope_B.sign()).clamp(-budget, budget)
    return (x_B + change_B).detach()


def unlearn(given: Forgetting, options: Mapping[str, Any]) -> None:
    """`epochs` passes over the rows to keep, a batch to forget at its worst queries beside each."""
    passes = {"epochs": options["epochs"], "batch": options["batch"]}
    search = {"budget": options["budget"], "search_steps": options["search_steps"]}
    drawn_N = random_label.drawn_labels(given.forget.y, classes=given.classes, seed=given.seed)

    def of(rows: tuple[Tensor, Tensor]) -> Tensor:
        kept_B, gone_B = rows
        worst_B = resurfacing(given.network, given.forget.x[gone_B], given.forget.y[gone_B], **search)
        kept_BC, forget_BC = given.network(given.retain.x[kept_B]), given.network(worst_B)
        weight = options["retain_weight"]
        return random_label.loss(kept_BC, given.retain.y[kept_B], forget_BC, drawn_N[gone_B], retain_weight=weight)

    descend(given, pairs(given, **passes), of, steps=steps_of(given.retain, **passes), lr=options["lr"])
