"""The laws that an honest run's statistics follow, with both tails; pure functions of three moments.

A sum of squares of independent normals is a chi-square; with weights and a linear part it is close to a gamma law with
the same mean, variance and skewness (Pearson type III), which for equal weights is the chi-square itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaincc, ndtr

Floats = npt.NDArray[np.float64]
_NEARLY_NORMAL = 1e-3


@dataclass(frozen=True, kw_only=True)
class Law:
    """What a statistic does under an honest run."""

    mean: float
    variance: float
    skewness: float = 0.0

    def below(self, value: float) -> float:
        """P[statistic <= value]."""
        return self._lower(self._standard(value), self.skewness)

    def above(self, value: float) -> float:
        """P[statistic >= value]."""
        return self._lower(-self._standard(value), -self.skewness)

    def seen(self, values_S: Floats) -> Law:
        """The same law about the mean of simulated honest runs; the larger of both variances, so as to accuse less."""
        return replace(
            self, mean=float(np.mean(values_S)), variance=max(self.variance, float(np.var(values_S, ddof=1)))
        )

    def _standard(self, value: float) -> float:
        return (value - self.mean) / math.sqrt(self.variance)

    @staticmethod
    def _lower(standard: float, skewness: float) -> float:
        if abs(skewness) < _NEARLY_NORMAL:
            return float(ndtr(standard))
        shape = 4.0 / skewness**2
        place = max(0.0, shape + standard * 2.0 / skewness)
        return float(gammainc(shape, place) if skewness > 0.0 else gammaincc(shape, place))


def chi_square(count: int) -> Law:
    """The sum of `count` squared standard normals."""
    return Law(mean=float(count), variance=2.0 * count, skewness=math.sqrt(8.0 / count))


def above_quadratics(values_T: Floats, squares_D: Floats, lines_TD: Floats) -> Floats:
    """P[statistic >= value] for many trials at once, each with its own `lines` (`quadratic` says of what)."""
    variance_T = (2.0 * squares_D**2 + lines_TD**2).sum(axis=1)
    third_T = (8.0 * squares_D**3 + 6.0 * squares_D * lines_TD**2).sum(axis=1)
    standard_T, skewness_T = (values_T - squares_D.sum()) / np.sqrt(variance_T), third_T / variance_T**1.5
    nearly_T = np.abs(skewness_T) < _NEARLY_NORMAL
    safe_T = np.where(nearly_T, 1.0, skewness_T)
    shape_T = 4.0 / safe_T**2
    place_T = np.maximum(0.0, shape_T + standard_T * 2.0 / safe_T)
    skewed_T = np.where(safe_T > 0.0, gammaincc(shape_T, place_T), gammainc(shape_T, place_T))
    found_T: Floats = np.where(nearly_T, ndtr(-standard_T), skewed_T)
    return found_T


def quadratic(squares_D: Floats, lines_D: Floats) -> Law:
    """sum of squares_i w_i^2 + lines_i w_i over independent standard normals w."""
    variance = float((2.0 * squares_D**2 + lines_D**2).sum())
    third = float((8.0 * squares_D**3 + 6.0 * squares_D * lines_D**2).sum())
    return Law(mean=float(squares_D.sum()), variance=variance, skewness=third / variance**1.5)
