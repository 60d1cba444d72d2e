"""The attack without the judged model's gradients: queries are crafted on a source and merely shown to the others.

A success counts only when the crafted query works on the judged model itself. The source's climb does not stop where
the source is fooled: a query that has just crossed one model's border seldom crosses another's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from unlearning.verification.ascent import Ascent, Logits, ascend, margins
from unlearning.verification.balls import anywhere, room_of
from unlearning.verification.linear_uma import Norm
from unlearning.verification.pgd import Climb, Floats


def carry_over(
    source: Logits,
    judged: Sequence[Logits],
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
    batch: int = 512,
    progress: Callable[[int], None] | None = None,
) -> list[Climb]:
    """Per judged model what `climb` gives, for queries crafted on `source`; gradients are counted once, in the first.

    Shapes and bounds as in `climb`. Each restart's query is tried on every judged model.
    """
    ascent = Ascent(norm, steps, enough=torch.inf)
    ladder = sorted({budget for budget in budgets if budget > 0.0})
    least_MN, gradients = np.full((len(judged), len(base_N)), np.inf), 0
    for first in range(0, len(base_N), batch):
        rows = slice(first, first + batch)
        x_N, aims_N = base_N[rows], targets_N[rows]
        room, draw = room_of(x_N, low=low, high=high, free=free), torch.Generator().manual_seed(seed + first)
        found_MN = least_MN[:, rows]
        _try(judged, x_N, aims_N, found_MN, budget=0.0)
        ended_N = torch.zeros_like(x_N)
        for budget in ladder:
            budget_N = torch.full((len(x_N),), budget)
            starts = [budget * anywhere(x_N.shape, norm=norm, draw=draw).to(x_N) for _ in range(restarts - 1)]
            for turn, start_N in enumerate([ended_N, *starts]):
                crafted = ascend(source, x_N, start_N, aims_N, room, ascent, budget_N=budget_N)
                gradients += crafted.gradients
                ended_N = crafted.change if turn == 0 else ended_N
                _try(judged, x_N + crafted.change, aims_N, found_MN, budget=budget)
        if progress is not None:
            progress(min(first + batch, len(base_N)))
    return [Climb(least_N, gradients if place == 0 else 0) for place, least_N in enumerate(least_MN)]


def _try(judged: Sequence[Logits], query_N: Tensor, aims_N: Tensor, found_MN: Floats, *, budget: float) -> None:
    """Note this budget for the rows whose query works and that had no smaller one."""
    with torch.no_grad():
        for found_N, model in zip(found_MN, judged, strict=True):
            works_N = (margins(model(query_N), aims_N) > 0.0).cpu().numpy()
            found_N[works_N] = np.minimum(found_N[works_N], budget)
