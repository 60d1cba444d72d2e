"""The unlearning-mapping attack on networks: projected gradient descent on query = base + delta.

One pass over the whole ladder of budgets, smallest first; a row that fell is attacked again only at smaller budgets, so
that the least budget per row comes out and success is monotone in the budget by definition. What is found is an upper
bound of the true minimum: "no recovery found by this attack at this strength", never a proof that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from unlearning.verification.ascent import STEADY, Ascent, Logits, Loss, Pace, ascend, margins
from unlearning.verification.balls import Room, anywhere, per_row, room_of
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
    rungs = torch.tensor(sorted({budget for budget in budgets if budget > 0.0}), dtype=torch.float64)
    least, gradients = [np.empty(0)], 0
    for first in range(0, len(base_N), batch):
        rows = slice(first, first + batch)
        room = room_of(base_N[rows], low=low, high=high, free=free)
        ladder = _Ladder(logits, base_N[rows], targets_N[rows], room, ascent, rungs)
        ladder.up()
        ladder.down(restarts=restarts - 1, draw=torch.Generator().manual_seed(seed + first))
        least.append(ladder.least())
        gradients += ladder.gradients
        if progress is not None:
            progress(min(first + batch, len(base_N)))
    return Climb(np.concatenate(least), gradients)


class _Ladder:
    """One batch of rows: rung_N is the lowest rung each fell at, 0 for no change, one past the last for never."""

    def __init__(
        self, logits: Logits, base_N: Tensor, targets_N: Tensor, room: Room, ascent: Ascent, rungs: Tensor
    ) -> None:
        self.logits, self.base_N, self.targets_N, self.room, self.ascent = logits, base_N, targets_N, room, ascent
        self.budgets = torch.cat([torch.zeros(1), rungs, torch.tensor([torch.inf])]).to(rungs)
        self.never = len(rungs) + 1
        self.gradients = 0
        with torch.no_grad():
            given_N = margins(logits(base_N), targets_N) > 0.0
        self.rung_N = torch.full(given_N.shape, self.never)
        self.rung_N[given_N.cpu()] = 0

    def up(self) -> None:
        """From the rows themselves, each rung from where the climb to the one below ended."""
        ended_N = torch.zeros_like(self.base_N)
        for rung in range(1, self.never):
            rows = (self.rung_N == self.never).nonzero().squeeze(1)
            if not len(rows):
                return
            ended_N[rows] = self._attack(rows, ended_N[rows], torch.full_like(rows, rung))

    def down(self, *, restarts: int, draw: torch.Generator) -> None:
        """From random points, each row just below the rung where it fell, and on as long as that succeeds.

        A row that resists there is not tried further down: those balls lie inside the one that was searched.
        """
        rows = (self.rung_N > 1).nonzero().squeeze(1)
        while len(rows) and restarts:
            below = self.rung_N[rows] - 1
            for _ in range(restarts):
                # Drawn for all rows, standing or not: a row's fate does not hang on its neighbours'.
                drawn_N = anywhere(self.base_N.shape, norm=self.ascent.norm, draw=draw)
                standing = self.rung_N[rows] > below
                if standing.any():
                    start_N = drawn_N[rows[standing]] * per_row(self.budgets[below[standing]], drawn_N)
                    self._attack(rows[standing], start_N.to(self.base_N), below[standing])
            rows = rows[(self.rung_N[rows] == below) & (below > 1)]

    def least(self) -> Floats:
        """The budgets of the rungs."""
        found: Floats = self.budgets[self.rung_N].numpy()
        return found

    def _attack(self, rows: Tensor, start_N: Tensor, rung: Tensor) -> Tensor:
        """Climb some rows at one rung each, note who fell, and say where the climbs ended."""
        found = ascend(
            self.logits,
            self.base_N[rows],
            start_N,
            self.targets_N[rows],
            self.room.take(rows),
            self.ascent,
            budget_N=self.budgets[rung],
        )
        self.gradients += found.gradients
        fell = found.won.cpu()
        self.rung_N[rows[fell]] = rung[fell]
        return found.change
