"""Image to image: a masked picture and a small change of what is shown; how near comes what is painted to the truth?

The query is base + delta as everywhere: base the picture with its hidden part blanked, delta on the shown part only, so
that an attacker cannot paint the answer into the question. Success is first a distance, on the hidden part. Letters:
B budgets, F features, K references, N pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from unlearning.verification.ascent import Pace
from unlearning.verification.balls import Room, nearest, room_of, uphill
from unlearning.verification.linear_uma import Norm

Completes = Callable[[Tensor], Tensor]  # pictures_NF, hidden part blank -> completed pictures_NF
_PACE = Pace(momentum=0.0)


@dataclass(frozen=True, kw_only=True)
class Masked:
    """How each picture is attacked. hidden: bool (F,). budgets: the ladder, in units of the public range."""

    hidden: Tensor
    budgets: Sequence[float]
    norm: Norm
    steps: int


def least_distances(completes: Completes, pictures_NF: Tensor, goals_NF: Tensor, masked: Masked) -> Tensor:
    """Root mean square distance to the goal on the hidden part, least that was found per budget; float64 (B, N).

    goals_NF: the true pictures, or what the original makes of them. Falls with the budget by definition: each rung
    starts where the one below came nearest.
    """
    found = [least_N for _, least_N in _rungs(completes, pictures_NF, goals_NF, masked)]
    return torch.stack(found).double()


def best_queries(completes: Completes, pictures_NF: Tensor, goals_NF: Tensor, masked: Masked) -> Tensor:
    """What was asked when it came nearest within the largest budget, hidden part blank; shape (N, F)."""
    *_, (query_NF, _) = _rungs(completes, pictures_NF, goals_NF, masked)
    return query_NF


def distances(made_NF: Tensor, goals_NF: Tensor, hidden_F: Tensor) -> Tensor:
    """Root mean square difference on the hidden features, shape N."""
    return ((made_NF - goals_NF)[:, hidden_F] ** 2).mean(dim=1).sqrt()


def _rungs(
    completes: Completes, pictures_NF: Tensor, goals_NF: Tensor, masked: Masked
) -> Iterator[tuple[Tensor, Tensor]]:
    """Per budget, smallest first, the best query so far and its distance."""
    base_NF = pictures_NF.masked_fill(masked.hidden, 0.0)
    room = room_of(base_NF, low=0.0, high=1.0, free=~masked.hidden)
    change_NF = torch.zeros_like(base_NF)
    with torch.no_grad():
        least_N = distances(completes(base_NF), goals_NF, masked.hidden)
    for budget in sorted(masked.budgets):
        if budget > 0.0:
            change_NF, least_N = _descend(completes, base_NF, goals_NF, change_NF, least_N, room, masked, budget=budget)
        yield base_NF + change_NF, least_N


def _descend(
    completes: Completes,
    base_NF: Tensor,
    goals_NF: Tensor,
    best_NF: Tensor,
    least_N: Tensor,
    room: Room,
    masked: Masked,
    *,
    budget: float,
) -> tuple[Tensor, Tensor]:
    """Projected gradient steps from the best change so far; gives the best change of all and its distance."""
    change_NF = best_NF
    for step in range(masked.steps):
        query_NF = (base_NF + change_NF).requires_grad_()
        # Squared: the root has no slope where a picture is met exactly.
        wrong = ((completes(query_NF) - goals_NF)[:, masked.hidden] ** 2).sum()
        (gradient_NF,) = torch.autograd.grad(wrong, query_NF)
        stride = budget * _PACE.stride(step=step, steps=masked.steps)
        moved_NF = change_NF - stride * uphill(gradient_NF * ~masked.hidden, norm=masked.norm)
        change_NF = nearest(moved_NF, room, budget_N=torch.tensor(budget), norm=masked.norm)
        with torch.no_grad():
            wrong_N = distances(completes(base_NF + change_NF), goals_NF, masked.hidden)
        best_NF = torch.where((wrong_N < least_N)[:, None], change_NF, best_NF)
        least_N = torch.minimum(wrong_N, least_N)
    return best_NF, least_N
