"""The cost of a sequence of noisy steps: the energy of a taut string (certified_deletion.md 2.2).

With w_k the product of contractions after step k, X_k = sum w_j^2 s_j^2 and M_k = sum w_j D_j, the smallest mu^2 is
sum (dM)^2 / dX over the greatest convex minorant of the points (X_k, M_k) from (0, 0). O(steps), or O(runs): within a
run of equal steps the slope dM/dX = D/(w s^2) falls, so the curve is concave and the string touches its ends only.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Run:
    """`steps` equal steps: gap = 1 - contraction, drift D, noise s per coordinate."""

    steps: int
    gap: float
    drift: float
    noise: float

    @property
    def log_contraction(self) -> float:
        """ln c, -inf for c = 0."""
        return math.log1p(-self.gap) if self.gap < 1.0 else -math.inf


def energy(points: Iterable[Point]) -> float:
    """mu^2 of the points after (0, 0), X and M not decreasing: the taut string below them.

    Infinite when a drift at the very end has no noise to hide in.
    """
    points = list(points)
    hull = _hull(points)
    if points and points[-1][1] > hull[-1][1]:
        return math.inf
    total = 0.0
    for (x0, m0), (x1, m1) in zip(hull, hull[1:], strict=False):
        total += (m1 - m0) ** 2 / (x1 - x0)
    return total


def runs_energy(runs: Sequence[Run]) -> float:
    """mu^2 of consecutive runs, in O(runs) whatever their lengths."""
    points, x, m, after = [], 0.0, 0.0, 0.0
    weights = []
    for run in reversed(runs):
        weights.append(after)
        after += run.steps * run.log_contraction if run.steps else 0.0
    for run, log_weight in zip(runs, reversed(weights), strict=True):
        x += math.exp(2.0 * log_weight) * run.noise**2 * _geometric(2.0 * run.log_contraction, run.steps)
        m += math.exp(log_weight) * run.drift * _geometric(run.log_contraction, run.steps, gap=run.gap)
        points.append((x, m))
    return energy(points)


def steps_points(contractions: Sequence[float], drifts: Sequence[float], noises: Sequence[float]) -> list[Point]:
    """The points of a general sequence in which every step may differ."""
    weight, pieces = 1.0, []
    for c, drift, noise in reversed(list(zip(contractions, drifts, noises, strict=True))):
        pieces.append((weight**2 * noise**2, weight * drift))
        weight *= c
    points, x, m = [], 0.0, 0.0
    for dx, dm in reversed(pieces):
        x, m = x + dx, m + dm
        points.append((x, m))
    return points


def _geometric(log_ratio: float, steps: int, *, gap: float | None = None) -> float:
    """1 + r + ... + r^(steps-1) without cancellation; `gap` is 1 - r where it is known better than its logarithm."""
    if steps == 0:
        return 0.0
    if log_ratio == 0.0:
        return float(steps)
    if log_ratio == -math.inf:
        return 1.0
    return -math.expm1(steps * log_ratio) / (gap if gap is not None else -math.expm1(log_ratio))


def _hull(points: Iterable[Point]) -> list[Point]:
    """The greatest convex minorant from (0, 0) by a monotone scan. The last point stays: the string is tied there."""
    hull: list[Point] = [(0.0, 0.0)]
    for point in points:
        if point[0] <= hull[-1][0]:
            continue  # no noise spent (or its weight underflowed): the earlier, lower point stands
        while len(hull) > 1 and _above(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return hull


def _above(left: Point, middle: Point, right: Point) -> bool:
    """Is the middle point on or above the chord?"""
    return (middle[1] - left[1]) * (right[0] - left[0]) >= (right[1] - left[1]) * (middle[0] - left[0])
