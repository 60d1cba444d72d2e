"""The unlearning-mapping attack on networks: projected gradient descent on query = base + delta.

One pass over the whole ladder of budgets, smallest first; a row that fell is never attacked again, so that the least
budget per row comes out and success is monotone in the budget by definition. What is found is an upper bound of the
true minimum: "no recovery found by this attack at this strength", never a proof that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from unlearning.verification.ascent import STEADY, Ascent, Logits, Loss, Pace, ascend, margins
from unlearning.verification.balls import Room, anywhere, room_of
from unlearning.verification.linear_uma import Norm

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Climb:
    """least: per row the smallest budget of the ladder at which the goal was reached, float64 of shape (N,).

    0.0 where the goal is reached without any change, infinity where no budget sufficed. gradients: how many rows'
    gradients it took.
    """

    least: Floats
    gradients: int


def climb(
    logits: Logits,
    base_N: Tensor,
    targets_N: Tensor,
    *,
    budgets: Sequence[float],
    norm: Norm,
    steps: int,
    restarts: int,
    low: float | Tensor,
    high: float | Tensor,
    seed: int,
    free: Tensor | None = None,
    loss: Loss = "margin",
    pace: Pace = STEADY,
    batch: int = 512,
    progress: Callable[[int], None] | None = None,
) -> Climb:
    """Per row, the smallest budget of the ladder within which some query makes `logits` prefer the target.

    base_N: float tensor (N, ...); targets_N: int64 (N,); low, high: the box, floats or tensors of one row's shape;
    free: bool tensor of one row's shape, false where the attacker may change nothing; progress: called with the number
    of rows done. Same seed, same answer on one thread.
    """
    ascent = Ascent(norm, steps, loss, pace)
    ladder = sorted(budget for budget in budgets if budget > 0.0)
    least, gradients = [np.empty(0)], 0
    for first in range(0, len(base_N), batch):
        rows = slice(first, first + batch)
        room = room_of(base_N[rows], low=low, high=high, free=free)
        attack = _Ladder(logits, base_N[rows], targets_N[rows], room, ascent, seed=seed + first)
        for budget in ladder:
            attack.raise_to(budget, restarts=restarts)
        least.append(attack.least_N.cpu().numpy())
        gradients += attack.gradients
        if progress is not None:
            progress(min(first + batch, len(base_N)))
    return Climb(np.concatenate(least), gradients)


class _Ladder:
    """One batch of rows on its way up."""

    def __init__(
        self, logits: Logits, base_N: Tensor, targets_N: Tensor, room: Room, ascent: Ascent, *, seed: int
    ) -> None:
        self.logits, self.base_N, self.targets_N, self.room, self.ascent = logits, base_N, targets_N, room, ascent
        self.draw, self.gradients = torch.Generator().manual_seed(seed), 0
        with torch.no_grad():
            given_N = margins(logits(base_N), targets_N) > 0.0
        self.least_N = torch.full(given_N.shape, torch.inf, dtype=torch.float64, device=base_N.device)
        self.least_N[given_N] = 0.0
        self.ended_N = torch.zeros_like(base_N)  # where the climb at the last smaller budget ended

    def raise_to(self, budget: float, *, restarts: int) -> None:
        """Attack what stands: first from where the smaller budget ended, then from random points of the ball."""
        for start_N, first in self._starts(budget, restarts):
            rows = torch.isinf(self.least_N).nonzero().squeeze(1)
            if not len(rows):
                return
            base_N, targets_N, room = self.base_N[rows], self.targets_N[rows], self.room.take(rows)
            found = ascend(self.logits, base_N, start_N[rows], targets_N, room, self.ascent, budget=budget)
            self.gradients += found.gradients
            self.least_N[rows[found.won]] = budget
            if first:
                self.ended_N[rows] = found.change

    def _starts(self, budget: float, restarts: int) -> Iterator[tuple[Tensor, bool]]:
        yield self.ended_N, True
        for _ in range(restarts - 1):
            # Drawn for all rows, standing or not: a row's fate does not hang on its neighbours'.
            drawn_N = anywhere(self.base_N.shape, norm=self.ascent.norm, draw=self.draw)
            yield budget * drawn_N.to(self.base_N), False
