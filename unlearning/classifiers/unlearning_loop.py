"""The loop that all methods of unlearning share: Adam with a cosine learning rate over items that the method names.

Letters: N rows, B batch, C classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

import torch
from torch import Tensor, nn

from unlearning.classifiers.training import Told, batches_of, shuffled

Item = TypeVar("Item")


@dataclass(frozen=True)
class Side:
    """Rows to forget or rows to keep: x (N, ...) scaled, y (N,) positions."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Forgetting:
    """What a method is given. It changes `network` in place and draws from `seed` alone."""

    network: nn.Module
    forget: Side
    retain: Side
    classes: int
    seed: int
    told: Told


def descend(
    given: Forgetting,
    items: Iterable[Item],
    loss: Callable[[Item], Tensor],
    *,
    steps: int,
    lr: float,
    until: Callable[[], bool] = lambda: False,
) -> None:
    """One step down the loss of each item, for as long as `until` says no."""
    optimiser = torch.optim.Adam(movable(given.network), lr=lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=max(steps, 1))
    given.network.train()
    for step, item in enumerate(items, start=1):
        if until():
            break
        optimiser.zero_grad(set_to_none=True)
        value = loss(item)
        value.backward()  # type: ignore[no-untyped-call] # torch leaves it bare
        optimiser.step()
        schedule.step()
        given.told(step, steps)
    given.network.eval()


def pairs(given: Forgetting, *, epochs: int, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """(rows to keep, rows to forget) for each step: every kept row once an epoch, the others as often as that takes."""
    return zip(kept(given, epochs=epochs, batch=batch), _endless(given, batch), strict=False)


def kept(given: Forgetting, *, epochs: int, batch: int) -> Iterator[Tensor]:
    """Indexes of rows to keep, each once an epoch."""
    return shuffled(len(given.retain), epochs=epochs, batch=batch, seed=given.seed)


def steps_of(side: Side, *, epochs: int, batch: int) -> int:
    """Steps in so many passes over a side."""
    return epochs * batches_of(len(side), batch=batch)


def _endless(given: Forgetting, batch: int) -> Iterator[Tensor]:
    for turn in count():
        yield from shuffled(len(given.forget), epochs=1, batch=batch, seed=given.seed + 1 + turn)


def movable(network: nn.Module) -> list[nn.Parameter]:
    """The weights that training may move: all but the frozen ones."""
    return [weight for weight in network.parameters() if weight.requires_grad]


def share_right(network: nn.Module, side: Side) -> float:
    """Accuracy on these rows, without touching the network."""
    was_training = network.training
    network.eval()
    with torch.no_grad():
        right = float((network(side.x).argmax(dim=1) == side.y).float().mean())
    network.train(was_training)
    return right
