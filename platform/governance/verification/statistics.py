"""Exact intervals and tails, in the standard library."""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

NORMAL = NormalDist()


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
    low = 0.0 if successes == 0 else bisect(lambda p: at_least(successes, trials, p) - half)
    high = 1.0 if successes == trials else bisect(lambda p: half - (1.0 - at_least(successes + 1, trials, p)))
    return Interval(low, high)


def at_least(k: int, n: int, p: float) -> float:
    """Probability of k or more successes in n: a regularised incomplete beta function."""
    return 1.0 if k <= 0 else 0.0 if k > n else incomplete_beta(k, n - k + 1, p)


def student_above(t: float, *, degrees: float) -> float:
    """Probability that Student's t exceeds `t`; from a million degrees on it is the normal law."""
    if degrees >= 1e6:
        return NORMAL.cdf(-t)
    tail = 0.5 * incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))
    return tail if t >= 0 else 1.0 - tail


@functools.lru_cache(maxsize=4096)
def student_quantile(tail: float, *, degrees: float) -> float:
    """The t that is exceeded with probability `tail`, below one half."""
    # t = s / (1 - s) maps the half line to [0, 1).
    share = bisect(lambda s: tail - student_above(s / (1.0 - s) if s < 1.0 else math.inf, degrees=degrees))
    return share / (1.0 - share)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """I_x(a, b), by Lentz's continued fraction (Numerical Recipes, 6.4)."""
    if x <= 0.0 or x >= 1.0:
        return float(x > 0.0)
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log) / a * continued_fraction(a, b, x)


def continued_fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0) or tiny)
    value = d
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1.0 / (1.0 + term * d or tiny), 1.0 + term / c or tiny
            value *= c * d
        if abs(c * d - 1.0) < 1e-14:
            break
    return value


def bisect(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def fisher_above(successes: int, trials: int, others: int, other_trials: int) -> float:
    """Fisher's exact test, one-sided: so many or more of all successes in the first of two groups."""
    together, everyone = successes + others, trials + other_trials
    ways = [log_choose(trials, k) + log_choose(other_trials, together - k) for k in range(successes, together + 1)]
    whole = log_choose(everyone, together)
    return min(1.0, sum(math.exp(way - whole) for way in ways))


def log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) if 0 <= k <= n else -math.inf


def sum_at_least(total: int, chances: Sequence[float]) -> float:
    """Probability that so many or more of independent events with these chances happen (Poisson binomial)."""
    law = [1.0]
    for chance in chances:
        law = [here * (1 - chance) + up * chance for here, up in zip([*law, 0.0], [0.0, *law], strict=True)]
    return min(1.0, sum(law[max(0, total) :]))


def smallest_visible(trials: int, *, level: float) -> float:
    """The rate that would have shown itself at least once in so many records, with confidence 1 - level / 2."""
    return 1.0 - (level / 2) ** (1.0 / trials) if trials else 1.0


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def variance(values: Sequence[float]) -> float:
    """Unbiased; 0 for one value."""
    middle = mean(values)
    return math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1) if len(values) > 1 else 0.0


def holm(p_values: Sequence[float], *, level: float) -> list[bool]:
    """Which of several hypotheses are rejected at a family-wise level (Holm 1979)."""
    rejected = [False] * len(p_values)
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    for rank, place in enumerate(order):
        if p_values[place] > level / (len(p_values) - rank):
            break
        rejected[place] = True
    return rejected
