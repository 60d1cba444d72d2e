"""Where an attacker's change may lie: an l-infinity or l2 ball around the row, cut by a box. Pure functions.

Letters: N rows, then whatever shape a row has. Nothing here knows a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from unlearning.verification.linear_uma import Norm

# float32 rounds base + delta; a change scaled onto the sphere stays this much inside, so that no success is bought.
_INSIDE = 1.0 - 1e-6
_TINY = 1e-12


@dataclass(frozen=True)
class Room:
    """How far each entry of each row may move down and up: float tensors of the rows' shape, down <= 0 <= up."""

    down: Tensor
    up: Tensor

    def take(self, rows: Tensor) -> Room:
        """The room of some of the rows."""
        return Room(self.down[rows], self.up[rows])


def room_of(base_N: Tensor, *, low: float | Tensor, high: float | Tensor, free: Tensor | None = None) -> Room:
    """The box around each row; entries where `free` is false may not move at all.

    A row that lies outside the box already may move towards it and never further out.
    """
    down = torch.clamp(low - base_N, max=0.0)
    up = torch.clamp(high - base_N, min=0.0)
    return Room(down, up) if free is None else Room(down * free, up * free)


def uphill(gradient_N: Tensor, *, norm: Norm) -> Tensor:
    """The unit change that gains most along the gradient; no change where the gradient is nil."""
    return gradient_N.sign() if norm == "linf" else unit(gradient_N)


def unit(change_N: Tensor) -> Tensor:
    """Each row's change at l2 length 1, whatever its scale; a nil one stays nil.

    The squares of 1e-30 or 1e30 leave float32: a head scaled so would stop every climb with nothing forgotten.
    Powers of two move the row to order 1 and leave each digit as it is.
    """
    largest_N = change_N.flatten(1).abs().amax(dim=1)
    _, power_N = torch.frexp(largest_N)
    by_N = torch.ldexp(torch.ones_like(largest_N), -power_N.clamp(-126, 126))
    moved_N = change_N * per_row(by_N, change_N)
    return moved_N / _lengths(moved_N)


def nearest(change_N: Tensor, room: Room, *, budget_N: Tensor, norm: Norm) -> Tensor:
    """Pull each change back into its ball and then into its box, which never takes it out of the ball again.

    budget_N: each row's own budget, in a shape that stretches over the rows (see `per_row`).
    """
    if norm == "linf":
        change_N = torch.minimum(torch.maximum(change_N, -budget_N), budget_N)
    else:
        change_N = change_N * torch.clamp(budget_N * _INSIDE / _lengths(change_N), max=1.0)
    return torch.maximum(torch.minimum(change_N, room.up), room.down)


def anywhere(shape: Sequence[int], *, norm: Norm, draw: torch.Generator) -> Tensor:
    """A uniform point of the unit ball per row."""
    if norm == "linf":
        return 2.0 * torch.rand(*shape, generator=draw) - 1.0
    direction_N = torch.randn(*shape, generator=draw)
    radius_N = torch.rand(shape[0], *[1] * (len(shape) - 1), generator=draw)
    return unit(direction_N) * radius_N ** (1.0 / direction_N[0].numel())


def _lengths(change_N: Tensor) -> Tensor:
    lengths_N = torch.linalg.vector_norm(change_N.flatten(1), dim=1).clamp(min=_TINY)
    return per_row(lengths_N, change_N)


def per_row(numbers_N: Tensor, rows_N: Tensor) -> Tensor:
    """One number per row in a shape that stretches over the rows: (N, 1, ...)."""
    return numbers_N.view(-1, *[1] * (rows_N.dim() - 1))
