"""One climb at one budget: gradient steps on the margin with momentum and slowing strides, kept inside the room.

Why so (measured on linear networks, where the true minimum is known; decision 0021): cross-entropy walks on along one
rival's direction once the label is near and misses 15 % of minima by more than a rung; the bare margin jumps between
rivals under signs and misses 6 %; momentum averages the rivals' directions and misses none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from unlearning.verification.balls import Room, nearest, per_row, unit, uphill
from unlearning.verification.linear_uma import Norm

Logits = Callable[[Tensor], Tensor]
Loss = Literal["margin", "cross_entropy"]


@dataclass(frozen=True)
class Pace:
    """reach: how many budgets all strides together could walk. slowing: 0 even strides, 1 linearly down to nothing.

    momentum: how much of the last direction is kept; Pace(slowing=0, momentum=0) is textbook PGD.
    """

    reach: float = 4.0
    slowing: float = 1.0
    momentum: float = 0.75

    def stride(self, *, step: int, steps: int) -> float:
        """Length of one stride, in budgets."""
        return self.reach / steps * (1.0 + self.slowing * (2.0 * (steps - step) / (steps + 1) - 1.0))


STEADY = Pace()


@dataclass(frozen=True)
class Ascent:
    """How a budget is climbed: everything but the rows. enough: the margin at which a row stops climbing."""

    norm: Norm
    steps: int
    loss: Loss = "margin"
    pace: Pace = STEADY
    enough: float = 0.0


@dataclass(frozen=True)
class Ended:
    """Where each row's climb ended, which rows won, and how many rows' gradients were taken."""

    change: Tensor
    won: Tensor
    gradients: int


def margins(logits_NC: Tensor, targets_N: Tensor) -> Tensor:
    """The target's logit above its best rival's: positive where the model says the target. Shape (N,).

    Infinity where logits overflowed and cannot be compared: a model that breaks there has not forgotten, and a NaN that
    counted as failure would let it pass.
    """
    own_N = logits_NC.gather(1, targets_N[:, None]).squeeze(1)
    rivals_NC = logits_NC.scatter(1, targets_N[:, None], -torch.inf)
    return (own_N - rivals_NC.amax(dim=1)).nan_to_num(nan=torch.inf, posinf=torch.inf, neginf=-torch.inf)


def ascend(
    logits: Logits, base_N: Tensor, start_N: Tensor, targets_N: Tensor, room: Room, ascent: Ascent, *, budget_N: Tensor
) -> Ended:
    """Climb from `start_N`, each row within its own budget; a row that won takes no further step and stays there."""
    norm, steps, gradients = ascent.norm, ascent.steps, 0
    budget_N = per_row(budget_N, base_N).to(base_N)
    change_N = nearest(start_N, room, budget_N=budget_N, norm=norm)
    ended_N, won_N = change_N.clone(), torch.zeros(len(base_N), dtype=torch.bool, device=base_N.device)
    rows, heading_N = torch.arange(len(base_N), device=base_N.device), torch.zeros_like(change_N)
    for step in range(steps):
        gradient_N, margin_N = _gradient(logits, base_N + change_N, targets_N, ascent.loss)
        gradients += len(rows)
        heading_N = ascent.pace.momentum * heading_N + unit(gradient_N)
        keep = (margin_N <= ascent.enough).nonzero().squeeze(1)
        if len(keep) < len(rows):
            ended_N[rows], won_N[rows] = change_N, margin_N > ascent.enough
            rows, change_N, heading_N, room = rows[keep], change_N[keep], heading_N[keep], room.take(keep)
            base_N, targets_N, budget_N = base_N[keep], targets_N[keep], budget_N[keep]
            if not len(rows):
                return Ended(ended_N, won_N, gradients)
        stride_N = budget_N * ascent.pace.stride(step=step, steps=steps)
        change_N = nearest(change_N + stride_N * uphill(heading_N, norm=norm), room, budget_N=budget_N, norm=norm)
    with torch.no_grad():
        won_N[rows] = margins(logits(base_N + change_N), targets_N) > ascent.enough
    ended_N[rows] = change_N
    return Ended(ended_N, won_N, gradients)


def _gradient(logits: Logits, query_N: Tensor, targets_N: Tensor, loss: Loss) -> tuple[Tensor, Tensor]:
    """Gradient of the loss at each query, and the margin there."""
    query_N = query_N.detach().requires_grad_()
    logits_NC = logits(query_N)
    margin_N = margins(logits_NC, targets_N)
    gained_N = margin_N if loss == "margin" else -cross_entropy(logits_NC, targets_N, reduction="none")
    (gradient_N,) = torch.autograd.grad(gained_N.sum(), query_N)
    return gradient_N, margin_N.detach()
