"""Exact and resampled intervals, in the standard library. Successes are 0 or 1 per record."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def clopper_pearson(successes: int, trials: int, *, level: float) -> Interval:
    """Exact two-sided interval of a proportion (Clopper and Pearson 1934); no trials gives [0, 1]."""
    if trials == 0:
        return Interval(0.0, 1.0)
    half = level / 2
    low = 0.0 if successes == 0 else bisect(lambda p: tail_at_least(successes, trials, p) - half)
    high = 1.0 if successes == trials else bisect(lambda p: half - tail_at_most(successes, trials, p))
    return Interval(low, high)


def tail_at_least(k: int, n: int, p: float) -> float:
    return sum(binomial(i, n, p) for i in range(k, n + 1))


def tail_at_most(k: int, n: int, p: float) -> float:
    return sum(binomial(i, n, p) for i in range(k + 1))


def binomial(k: int, n: int, p: float) -> float:
    if p in (0.0, 1.0):
        return float(k == n * p)
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(log + k * math.log(p) + (n - k) * math.log1p(-p))


def bisect(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True)
class Excess:
    """How far one arm lies above the mean of retrained seeds. `p_value` is one-sided, for "not above 0"."""

    value: float
    interval: Interval
    p_value: float


def excess(arm: Sequence[int], seeds: Sequence[Sequence[int]], *, level: float, resamples: int, seed: int) -> Excess:
    """Mean of arm minus mean over seeds, with a two-level bootstrap: records and retrained seeds are both resampled.

    A bootstrap over records alone ignores the seed and raises false alarms. Where it degenerates (every
    difference is equal) the exact bound on a discordance that was never seen takes its place.
    """
    count = len(arm)
    if count == 0 or not seeds:
        return Excess(0.0, Interval(-1.0, 1.0), 1.0)
    value = mean(arm) - mean([mean(row) for row in seeds])
    draws = sorted(two_level_draws(arm, seeds, resamples, random.Random(seed)))
    low, high = quantile(draws, level / 2), quantile(draws, 1 - level / 2)
    unseen = smallest_visible(count, level=level)
    # So few records cannot say more than that many tosses of a coin, whatever resampling makes of them.
    least = 0.5**count
    if high - low < 1e-12:
        exact = Interval(max(-1.0, value - unseen), min(1.0, value + unseen))
        return Excess(value, exact, 1.0 if value <= 0 else least)
    p_value = (1 + sum(draw <= 0 for draw in draws)) / (1 + len(draws))
    return Excess(value, Interval(low, high), max(p_value, least))


def two_level_draws(
    arm: Sequence[int], seeds: Sequence[Sequence[int]], resamples: int, generator: random.Random
) -> list[float]:
    count, width = len(arm), len(seeds)
    draws = []
    for _ in range(resamples):
        rows = generator.choices(range(count), k=count)
        chosen = generator.choices(range(width), k=width)
        control = sum(seeds[k][i] for k in chosen for i in rows) / (count * width)
        draws.append(sum(arm[i] for i in rows) / count - control)
    return draws


def smallest_visible(trials: int, *, level: float) -> float:
    """The rate that would have shown itself at least once in so many records, with confidence 1 - level / 2."""
    return 1.0 - (level / 2) ** (1.0 / trials) if trials else 1.0


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, max(0, round(share * (len(ordered) - 1))))]


def holm(p_values: Sequence[float], *, level: float) -> list[bool]:
    """Which of several hypotheses are rejected at a family-wise level (Holm 1979)."""
    rejected = [False] * len(p_values)
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    for rank, place in enumerate(order):
        if p_values[place] > level / (len(p_values) - rank):
            break
        rejected[place] = True
    return rejected
