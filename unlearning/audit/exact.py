"""Exact laws by quadrature, for the attacks whose advantage can be computed: the simulations are held against them.

All are total variation distances on the line, by the midpoint rule on a grid wide and fine enough for six digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

Floats = npt.NDArray[np.float64]
_GRID = np.linspace(-14.0, 14.0, 280_001)
_CELLS = 100_000
_STEP = float(_GRID[1] - _GRID[0])


def normal_density(values: Floats) -> Floats:
    """The density of N(0, 1)."""
    density: Floats = np.exp(-values * values / 2.0) / math.sqrt(2.0 * math.pi)
    return density


def total_variation(one: Floats, other: Floats, *, step: float = _STEP) -> float:
    """The best test's advantage between two densities on one even grid."""
    return float(0.5 * np.abs(one - other).sum() * step)


def best_of(candidates: int, *, mu: float) -> tuple[float, float]:
    """(present against absent, two values) when a gate keeps the candidate with the lowest trace of the record.

    A candidate is N(mu, 1) with the record, N(-mu, 1) with its opposite, N(0, 1) without; without it nothing is gated.
    """
    kept = candidates * ndtr(mu - _GRID) ** (candidates - 1) * normal_density(_GRID - mu)
    return _both(kept)


def redrawn_until_pass(*, mu: float, failing: float) -> tuple[float, float]:
    """The same for a gate that draws again while the trace is above a threshold.

    failing: the share of models that never held the record above that threshold.
    """
    kept = normal_density(_GRID - mu) * (ndtri(1.0 - failing) > _GRID)
    return _both(kept / (kept.sum() * _STEP))


def _both(kept: Floats) -> tuple[float, float]:
    return total_variation(kept, normal_density(_GRID)), total_variation(kept, kept[::-1])


def after_noisy_deletion(*, sigma: float, rows: int, eta: float, lam: float, learn: int, delete: int) -> float:
    """The advantage on the model after the deletion, when the requester deleted by the sign of the model before.

    rows: n, the target and two halves of records +1 and -1; the loss is -x theta. The deletion takes out the target
    and one half, averages over what is left, all of one sign, and goes on from the model before.
    """
    law = _Law(eta=eta, lam=lam, sigma=sigma)
    return _advantage(law, rows=rows, learn=learn, steps=delete, kept=law.c**delete)


def after_retraining(*, sigma: float, rows: int, eta: float, lam: float, learn: int) -> float:
    """The same when the deletion is a retraining on what is left, for `learn` steps from the start."""
    return _advantage(_Law(eta=eta, lam=lam, sigma=sigma), rows=rows, learn=learn, steps=learn, kept=0.0)


@dataclass(frozen=True, kw_only=True)
class _Law:
    """Noisy descent on linear losses under (lam/2) theta^2: an autoregression."""

    eta: float
    lam: float
    sigma: float

    @property
    def c(self) -> float:
        return 1.0 - self.eta * self.lam

    def spread(self, steps: int) -> float:
        """The standard deviation that so many steps add up to."""
        left = (1.0 - self.c ** (2 * steps)) / (1.0 - self.c * self.c)
        return self.sigma * math.sqrt(2.0 * self.eta * left)

    def pulled(self, steps: int) -> float:
        """Where so many steps lead from 0 under a mean gradient of -1."""
        return (1.0 - self.c**steps) / self.lam


def _advantage(law: _Law, *, rows: int, learn: int, steps: int, kept: float) -> float:
    """Between the law of the model after and its mirror image, which is the law for the target's other value.

    A mixture of one cluster for each sign of the model before, one heavier than the other: the two densities cross at
    0 and nowhere else, so the best test is the sign.
    """
    before, mean = law.spread(learn), law.pulled(learn) / rows
    width = 2.0 * (mean + 9.0 * before) / _CELLS
    midpoints = np.arange(_CELLS, dtype=np.float64) - (_CELLS - 1) / 2.0  # the sign changes between two cells
    models = np.float64(width) * midpoints
    weights = normal_density((models - mean) / before) / before * width
    above = ndtr((kept * models + np.sign(models) * law.pulled(steps)) / law.spread(steps))
    return float(abs(2.0 * (weights * above).sum() - weights.sum()))
