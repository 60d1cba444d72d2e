"""How far one arm lies above its control: the estimate, its interval, and how surprising it would be by chance.

Two questions, two spreads. *How much more does this candidate give back than retraining?* Records and retrained seeds
vary: a two-level bootstrap. *Could a retrained model have done the same?* Then the candidate is one more seed, which no
bootstrap over the references sees; with many records that is what remains, and unseen it fails honest models.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from governance.verification.statistics import (
    NORMAL,
    Interval,
    clopper_pearson,
    fisher_above,
    mean,
    student_above,
    student_quantile,
    sum_at_least,
    variance,
)

# Trainings of one recipe are taken to differ by a tenth of the margin (1 point for the usual 10) until the references
# say otherwise; the belief weighs as much as five of them would. Decision 0024 says what was measured.
SEED_SHARE_OF_MARGIN = 0.1
PRIOR_DEGREES = 4
# Beyond so many undecided records the tails of a sum are normal to the digits that matter.
MOST_COUNTED = 80


class ReferenceMissing(ValueError):  # noqa: N818  (named as the workers' refusal of the same thing)
    """A comparison that needs a retrained reference got none. Retrain one, or qualify the recipe."""


@dataclass(frozen=True, kw_only=True)
class Excess:
    """Mean of an arm minus its control's. `least_above`, `least_below`: exact p-values for "no difference"."""

    value: float
    interval: Interval
    spread: float
    degrees: float
    least_above: float
    least_below: float

    def p_above(self, bound: float) -> float:
        """One-sided p-value of "not above `bound`", for a bound of 0 or more."""
        return max(self._tail(self.value - bound), self.least_above)

    def p_below(self, bound: float) -> float:
        """One-sided p-value of "not below `bound`", for a bound of 0 or less."""
        return max(self._tail(bound - self.value), self.least_below)

    def _tail(self, distance: float) -> float:
        if self.spread == 0.0:
            return 0.0 if distance > 0 else 1.0
        return student_above(distance / self.spread, degrees=self.degrees)


NOTHING = Excess(value=0.0, interval=Interval(-1.0, 1.0), spread=1.0, degrees=1.0, least_above=1.0, least_below=1.0)


def excess(
    arm: Sequence[int], seeds: Sequence[Sequence[int]], *, level: float, margin: float, resamples: int, seed: int
) -> Excess:
    """An arm over retrained references, paired by record; `level` is that of the two-sided interval.

    Raises:
        ReferenceMissing: there are no references.
    """
    if not seeds:
        raise ReferenceMissing("Expected at least one retrained reference to compare with, got none: retrain one.")
    if not arm:
        return NOTHING
    gaps = [own - mean(others) for own, *others in zip(arm, *seeds, strict=True)]
    value, count, among = mean(gaps), len(arm), seed_variance(seeds, margin=margin)
    of_records, width, freedom = variance(gaps) / count, len(seeds), len(seeds) - 1 + PRIOR_DEGREES
    spread, degrees = pooled([(of_records, count - 1), (among * (1 + 1 / width), freedom)])
    own_spread, own_degrees = pooled([(of_records, count - 1), (among / width, freedom)])
    half = own_spread * student_quantile(level / 2, degrees=own_degrees)
    intervals = [
        bootstrap(arm, seeds, level=level, resamples=resamples, seed=seed),
        Interval(value - half, value + half),
        paired_bounds(gaps, level=level),
    ]
    above, below = exact_tails(arm, seeds)
    return Excess(
        value=value,
        interval=widest(intervals),
        spread=spread,
        degrees=degrees,
        least_above=above,
        least_below=below,
    )


def seed_variance(seeds: Sequence[Sequence[int]], *, margin: float) -> float:
    """Of a training's rate, beyond what independent records explain; moderated (Smyth 2004), since K is small."""
    presumed = (SEED_SHARE_OF_MARGIN * margin) ** 2
    freedom = len(seeds) - 1
    of_records = mean([variance(column) for column in zip(*seeds, strict=True)]) / len(seeds[0])
    seen = max(0.0, variance([mean(row) for row in seeds]) - of_records)
    return (PRIOR_DEGREES * presumed + freedom * seen) / (PRIOR_DEGREES + freedom)


def pooled(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Standard error and degrees of freedom of a sum of variances (Welch and Satterthwaite)."""
    whole = sum(part for part, _ in parts)
    slack = sum(part**2 / max(1.0, freedom) for part, freedom in parts)
    return math.sqrt(whole), whole**2 / slack if slack else math.inf


def bootstrap(
    arm: Sequence[int], seeds: Sequence[Sequence[int]], *, level: float, resamples: int, seed: int
) -> Interval:
    """Two-level percentile bootstrap: records and retrained seeds are both drawn again.

    Records are sorted first, so that their order in a file cannot move the verdict.
    """
    rows = sorted(zip(arm, *seeds, strict=True), key=lambda row: (row[0] - mean(row[1:]), row))
    generator, count, width = random.Random(seed), len(arm), len(seeds)
    gaps_of: dict[tuple[int, ...], list[float]] = {}
    draws = []
    for _ in range(resamples):
        chosen = tuple(sorted(generator.choices(range(width), k=width)))
        if chosen not in gaps_of:
            gaps_of[chosen] = [row[0] - sum(row[1 + k] for k in chosen) / width for row in rows]
        draws.append(sum(generator.choices(gaps_of[chosen], k=count)) / count)
    draws.sort()
    place = math.floor(level / 2 * (len(draws) - 1))
    return Interval(draws[place], draws[-1 - place])


def paired_bounds(gaps: Sequence[float], *, level: float) -> Interval:
    """From exact bounds on "only the arm" and "only the control", squared and added (Newcombe 1998, with exact limits).

    It holds where a bootstrap collapses: twelve records with equal outcomes leave room for 1 - (level / 2)^(1/12).
    """
    return from_bounds(
        rounded_bounds(sum(max(0.0, gap) for gap in gaps), len(gaps), level=level),
        rounded_bounds(sum(max(0.0, -gap) for gap in gaps), len(gaps), level=level),
        mean([max(0.0, gap) for gap in gaps]),
        mean([max(0.0, -gap) for gap in gaps]),
    )


def rounded_bounds(total: float, count: int, *, level: float) -> Interval:
    """Clopper-Pearson for a sum of shares: rounded away from it on either side."""
    low = clopper_pearson(math.floor(total + 1e-9), count, level=level).low
    return Interval(low, clopper_pearson(math.ceil(total - 1e-9), count, level=level).high)


def from_bounds(more: Interval, less: Interval, rate: float, other: float) -> Interval:
    value = rate - other
    low = value - math.hypot(rate - more.low, less.high - other)
    high = value + math.hypot(more.high - rate, other - less.low)
    return Interval(max(-1.0, low), min(1.0, high))


def widest(intervals: Sequence[Interval]) -> Interval:
    low, high = min(found.low for found in intervals), max(found.high for found in intervals)
    return Interval(max(-1.0, low), min(1.0, high))


def exact_tails(arm: Sequence[int], seeds: Sequence[Sequence[int]]) -> tuple[float, float]:
    """P-values by exchanging the arm with its references within each record, no smaller than a coin per record."""
    count, width = len(arm), len(seeds)
    coin = 0.5**count
    totals = [sum(row) for row in zip(arm, *seeds, strict=True)]
    undecided = [(own, total) for own, total in zip(arm, totals, strict=True) if 0 < total <= width]
    if len(undecided) > MOST_COUNTED:
        return coin, coin
    chances = [total / (width + 1) for _, total in undecided]
    hits = sum(own for own, _ in undecided)
    above = sum_at_least(hits, chances)
    below = sum_at_least(len(chances) - hits, [1 - chance for chance in chances])
    return max(coin, above), max(coin, below)


def unpaired(arm: Sequence[int], others: Sequence[int], *, level: float) -> Excess:
    """An arm over other records, here never-seen ones: exact test and exact bounds, no reference."""
    if not arm or not others:
        return NOTHING
    hits, other_hits = sum(arm), sum(others)
    rate, other = mean(arm), mean(others)
    own, their = variance(arm) / len(arm), variance(others) / len(others)
    half = NORMAL.inv_cdf(1 - level / 2) * math.sqrt(own + their)
    exact = from_bounds(
        clopper_pearson(hits, len(arm), level=level), clopper_pearson(other_hits, len(others), level=level), rate, other
    )
    spread, degrees = pooled([(own, len(arm) - 1), (their, len(others) - 1)])
    missed, other_missed = len(arm) - hits, len(others) - other_hits
    return Excess(
        value=rate - other,
        interval=widest([exact, Interval(rate - other - half, rate - other + half)]),
        spread=spread,
        degrees=degrees,
        least_above=max(0.5 ** len(arm), fisher_above(hits, len(arm), other_hits, len(others))),
        least_below=max(0.5 ** len(arm), fisher_above(missed, len(arm), other_missed, len(others))),
    )


def beyond(own: Excess, general: Excess, *, level: float) -> Excess:
    """`own` less `general`: what is left once "weaker everywhere" is taken away. Spreads add as if independent."""
    spread, degrees = math.hypot(own.spread, general.spread), min(own.degrees, general.degrees)
    value = own.value - general.value
    half = spread * student_quantile(level / 2, degrees=degrees)
    return Excess(
        value=value,
        interval=widest([Interval(value - half, value + half)]),
        spread=spread,
        degrees=degrees,
        least_above=own.least_above,
        least_below=own.least_below,
    )
