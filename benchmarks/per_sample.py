"""Opacus's step on a linear softmax model: per-sample gradients, clipped, noised, and the same without making them.

A batch may be cut into chunks, as Opacus's BatchMemoryManager does, so that the per-sample gradients fit in a cache.
"""

from typing import Any

import torch
from opacus import PrivacyEngine
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


class OpacusStep:
    """One optimiser step over all rows. mode: "hooks" makes per-sample gradients, "ghost" only their norms."""

    def __init__(self, rows_NG: Tensor, labels_N: Tensor, *, classes: int, chunk: int, mode: str) -> None:
        self.rows, self.labels, self.chunk = rows_NG, labels_N, chunk
        layer = nn.Linear(rows_NG.shape[1], classes, bias=False, dtype=rows_NG.dtype)
        made: Any = PrivacyEngine(accountant="rdp").make_private(
            module=layer,
            optimizer=torch.optim.SGD(layer.parameters(), lr=1.0),
            criterion=nn.CrossEntropyLoss(),
            data_loader=DataLoader(TensorDataset(rows_NG, labels_N), batch_size=len(rows_NG)),
            noise_multiplier=1.0,
            max_grad_norm=1.0,
            poisson_sampling=False,
            grad_sample_mode=mode,
        )
        self.model, self.optimizer = made[0], made[1]
        self.criterion = made[2] if mode == "ghost" else nn.CrossEntropyLoss()

    def __call__(self) -> None:
        """All chunks, one noisy update."""
        for start in range(0, len(self.rows), self.chunk):
            here = slice(start, start + self.chunk)
            self.optimizer.signal_skip_step(do_skip=start + self.chunk < len(self.rows))
            self.criterion(self.model(self.rows[here]), self.labels[here]).backward()
            self.optimizer.step()
            self.optimizer.zero_grad()
