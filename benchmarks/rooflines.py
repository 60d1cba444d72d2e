"""How fast this core reads and multiplies right now: the least that a full-gradient step can take.

A step must read the features twice (logits, then gradient) and do 4 n d K multiply-adds' worth of arithmetic.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor

GEMM = 1536  # rows and columns of the large product: near the core's best rate


@dataclass(frozen=True)
class Rates:
    """Bytes and floating-point operations per second."""

    read: float
    arithmetic: float

    def least_seconds(self, *, size: int, flops: float) -> float:
        """The larger of two passes over `size` bytes and the arithmetic."""
        return max(2.0 * size / self.read, flops / self.arithmetic)


def probes(rows: Tensor) -> dict[str, Callable[[], object]]:
    """What to time beside the contestants: two ways to read the rows once, and one large product."""
    vector = torch.ones(rows.shape[1], dtype=rows.dtype)
    left, right = (torch.ones((GEMM, GEMM), dtype=rows.dtype) for _ in range(2))
    return {
        "read by sum": lambda: rows.sum(),
        "read by product with a vector": lambda: rows @ vector,
        "large product": lambda: left @ right,
    }


def rates(times: dict[str, list[float]], *, size: int) -> Rates:
    """The better of the two ways to read, and the product's rate; medians."""
    read = max(size / median(times[name]) for name in times if name.startswith("read"))
    return Rates(read, 2.0 * GEMM**3 / median(times["large product"]))
