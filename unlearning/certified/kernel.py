"""The sum of row gradients, streamed: each chunk of rows is read once for both products and copied nowhere.

A row as the model sees it is shrink * [features, 1]. Neither the column of ones nor the shrunk row is ever made: the
logits and the excess are scaled instead, which are K numbers a row and not G.

Letters: B rows of one chunk, F features, G = F + 1, K outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from unlearning.certified.objective import Excess

# A chunk read for the logits should still be in the second-level cache when the gradient wants it: measured best
# between 1 and 2 MiB for 784 features on one core.
_CHUNK_BYTES = 3 << 19
_LEAST_ROWS, _MOST_ROWS = 32, 8192
_CUDA_FACTOR = 64  # a GPU wants more work per launch


@dataclass(frozen=True)
class Chunk:
    """Some rows. `load` gives features_BF in float64 on the device: a view where possible, else a fresh copy."""

    load: Callable[[], Tensor]
    positions: Tensor
    shrink: Tensor

    def __len__(self) -> int:
        return len(self.shrink)

    @property
    def rows(self) -> int:
        """Rows that add anything: what a deletion has overwritten lies here still, as a row of zeros."""
        return int(torch.count_nonzero(self.shrink))


def rows_per_chunk(features: int, *, device: str = "cpu") -> int:
    """How many rows of this width fill the cache."""
    room = _CHUNK_BYTES * (_CUDA_FACTOR if device != "cpu" else 1)
    most = _MOST_ROWS * (_CUDA_FACTOR if device != "cpu" else 1)
    return min(most, max(_LEAST_ROWS, room // (8 * max(features, 1))))


def gradient_sum(theta_KG: Tensor, chunks: Iterable[Chunk], *, excess: Excess) -> Tensor:
    """Sum over all rows of the unregularised loss's gradient; shape K, G. Zero for no rows."""
    weight_KF, bias_K1 = theta_KG[:, :-1].contiguous(), theta_KG[:, -1:].contiguous()
    onto_weight_KF, onto_bias_K = torch.zeros_like(weight_KF), torch.zeros_like(bias_K1[:, 0])
    for chunk in chunks:
        features_BF = chunk.load()
        logits_KB = torch.addmm(bias_K1, weight_KF, features_BF.T).mul_(chunk.shrink)
        excess_KB = excess(logits_KB, chunk.positions).mul_(chunk.shrink)
        onto_bias_K.add_(excess_KB.sum(dim=1))
        onto_weight_KF.addmm_(excess_KB, features_BF)
    return torch.cat([onto_weight_KF, onto_bias_K[:, None]], dim=1)
