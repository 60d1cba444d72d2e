"""Batches of like lengths, in an order that depends on the seed alone. Letters: B rows, T tokens."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from unlearning.language.encoding import Encoded

_POOL = 8  # batches sorted together: enough to save padding, few enough that companions change every epoch


@dataclass(frozen=True)
class Batch:
    """ids_BT int64, padded right; mask_BT int64, 1 where a token is; answers_BT bool, where an answer token is."""

    ids_BT: Tensor  # noqa: N815
    mask_BT: Tensor  # noqa: N815
    answers_BT: Tensor  # noqa: N815

    def to(self, device: torch.device | str) -> Batch:
        """The same on another device."""
        return Batch(self.ids_BT.to(device), self.mask_BT.to(device), self.answers_BT.to(device))

    def __len__(self) -> int:
        return len(self.ids_BT)


def batches(encoded: Sequence[Encoded], *, batch: int, seed: int, epoch: int) -> list[list[int]]:
    """Row indexes of each batch of one epoch: every row once, rows of like length together, order by seed and epoch."""
    draw = random.Random(f"obelus/batches/{seed}/{epoch}")
    order = list(range(len(encoded)))
    draw.shuffle(order)
    pool = batch * _POOL
    sorted_in_pools = [
        row
        for at in range(0, len(order), pool)
        for row in sorted(order[at : at + pool], key=lambda index: len(encoded[index]))
    ]
    found = [sorted_in_pools[at : at + batch] for at in range(0, len(order), batch)]
    draw.shuffle(found)
    return found


def collated(encoded: Sequence[Encoded]) -> Batch:
    """One batch. Padding holds token 0, which the mask hides."""
    width = max(map(len, encoded))
    ids_BT = torch.zeros(len(encoded), width, dtype=torch.int64)
    mask_BT = torch.zeros(len(encoded), width, dtype=torch.int64)
    answers_BT = torch.zeros(len(encoded), width, dtype=torch.bool)
    for at, row in enumerate(encoded):
        ids_BT[at, : len(row)] = torch.tensor(row.ids)
        mask_BT[at, : len(row)] = 1
        answers_BT[at, row.answer_at : len(row)] = True
    return Batch(ids_BT, mask_BT, answers_BT)


def padding_share(encoded: Sequence[Encoded], groups: Sequence[Sequence[int]]) -> float:
    """Share of the cells of these batches that hold no token."""
    cells = sum(len(group) * max(len(encoded[index]) for index in group) for group in groups)
    return 1.0 - sum(len(encoded[index]) for group in groups for index in group) / cells
