"""Ordinary training of any torch classifier: AdamW, cosine learning rate, rows shuffled by the seed.

Letters: N rows, B batch, C classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

Told = Callable[[int, int], None]  # called with (step, steps) after each step
Labels = Tensor | npt.NDArray[np.int64]
Module = TypeVar("Module", bound=nn.Module)


def fit(
    network: Module,
    x: Tensor,
    y: Labels,
    *,
    epochs: int,
    batch: int = 64,
    lr: float = 3e-3,
    weight_decay: float = 0.0,
    seed: int = 0,
    progress: Told | None = None,
) -> Module:
    """Train in place on rows x (scaled, shape (N, *shape)) and positions y (N,); gives the network back in eval mode.

    One thread and the same seed give the same weights, bit for bit.
    """
    targets_N = positions(y, like=x)
    steps = epochs * batches_of(len(x), batch=batch)
    optimiser = torch.optim.AdamW(network.parameters(), lr=lr, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=max(steps, 1))
    network.train()
    for step, chosen_B in enumerate(shuffled(len(x), epochs=epochs, batch=batch, seed=seed), start=1):
        optimiser.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(network(x[chosen_B]), targets_N[chosen_B])
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it bare
        optimiser.step()
        schedule.step()
        if progress is not None:
            progress(step, steps)
    return network.eval()


def batches_of(rows: int, *, batch: int) -> int:
    """Steps in one epoch."""
    return -(-rows // batch)


def shuffled(rows: int, *, epochs: int, batch: int, seed: int) -> Iterator[Tensor]:
    """Row indexes of each batch, every row once an epoch, in an order that depends on the seed alone."""
    draw = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        order_N = torch.randperm(rows, generator=draw)
        yield from (order_N[at : at + batch] for at in range(0, rows, batch))


def positions(y: Labels, *, like: Tensor) -> Tensor:
    """Positions as an int64 tensor where the rows are."""
    return torch.as_tensor(y, dtype=torch.int64, device=like.device)
