"""The public numbers of a step, apart from torch so that a refusal need not wait for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Constants:
    """The public numbers of a step, frozen before data is read."""

    lam: float
    eta: float
    sigma: float
    n_0: int
    steps: int
