"""The public numbers of a step, apart from torch so that a refusal need not wait for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Constants:
    """The public numbers of a step, frozen before data is read. batch: b permanent slots a step, None: all."""

    lam: float
    eta: float
    sigma: float
    n_0: int
    steps: int
    batch: int | None = None

    @property
    def denominator(self) -> int:
        """What the gradients' sum is divided by, however many rows are left."""
        return self.n_0 if self.batch is None else self.batch

    @property
    def batches(self) -> int:
        """Steps in one epoch: ceil(n_0 / b)."""
        return 1 if self.batch is None else -(-self.n_0 // self.batch)
