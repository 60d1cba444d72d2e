"""The arms of one comparison for networks: what `arms` is to linear models. No file is read here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

Logits = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class NetworkModels:
    """The candidate, the model before the deletion, and models that never held the deleted rows, all in eval mode.

    Each turns x of shape (N, ...) into logits of shape (N, C). Probes of the penultimate layer need `.features` and
    `.head` as well, as unlearning.classifiers.network.Network has them.
    """

    candidate: Logits
    original: Logits
    references: tuple[Logits, ...]


@dataclass(frozen=True)
class NetworkProbe:
    """Rows as the networks take them: x, float32 of shape (N, ...), and positions of their labels y, int64 (N,)."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)
