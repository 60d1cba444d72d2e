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
# With fewer differences than these on either side a bootstrap collapses or is lopsided, and exact bounds join in.
FEW = 10
# Beyond so many undecided records the tails of a sum are normal to the digits that matter.
MOST_COUNTED = 80


class ReferenceMissing(ValueError):  # noqa: N818  (named as the workers' refusal of the same thing)
    """A comparison that needs a retrained reference got none. Retrain one, or qualify the recipe."""


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """Mean of an arm minus its control's. `least_above`, `least_below`: exact p-values for "no difference"."""

    value: float
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


@dataclass(frozen=True, kw_only=True)
class Excess(Contrast):
    """A contrast with its interval, which asks only how large this candidate's own difference is."""

    interval: Interval


NOTHING = Contrast(value=0.0, spread=1.0, degrees=1.0, least_above=1.0, least_below=1.0)


def with_interval(found: Contrast, interval: Interval) -> Excess:
    return Excess(**vars(found), interval=interval)


def contrast(arm: Sequence[int], seeds: Sequence[Sequence[int]], *, margin: float) -> Contrast:
    """An arm over retrained references, paired by record, as if the arm came from one more training like theirs.

    Raises:
        ReferenceMissing: there are no references.
    """
    if not seeds:
        raise ReferenceMissing("Expected at least one retrained reference to compare with, got none: retrain one.")
    if not arm:
        return NOTHING
    gaps = gaps_of(arm, seeds)
    spread, degrees = spread_of(gaps, seeds, margin=margin, of_one_training=1 + 1 / len(seeds))
    above, below = exact_tails(arm, seeds)
    return Contrast(value=mean(gaps), spread=spread, degrees=degrees, least_above=above, least_below=below)


def excess(
    arm: Sequence[int], seeds: Sequence[Sequence[int]], *, level: float, margin: float, resamples: int, seed: int
) -> Excess:
    """The contrast and its interval of two-sided `level`: the wider of bootstrap and Student's t, or exact bounds.

    Raises:
        ReferenceMissing: there are no references.
    """
    found = contrast(arm, seeds, margin=margin)
    if not arm:
        return with_interval(found, Interval(-1.0, 1.0))
    gaps = gaps_of(arm, seeds)
    spread, degrees = spread_of(gaps, seeds, margin=margin, of_one_training=1 / len(seeds))
    half = spread * student_quantile(level / 2, degrees=degrees)
    intervals = [
        bootstrap(arm, seeds, level=level, resamples=resamples, seed=seed),
        Interval(found.value - half, found.value + half),
        *([paired_bounds(gaps, level=level)] if fewer_side(gaps) < FEW else []),
    ]
    return with_interval(found, widest(intervals))


def fewer_side(gaps: Sequence[float]) -> float:
    """How many records, in sum, only the arm gives, or only the references: the smaller number."""
    return min(sum(max(0.0, gap) for gap in gaps), sum(max(0.0, -gap) for gap in gaps))


def gaps_of(arm: Sequence[int], seeds: Sequence[Sequence[int]]) -> list[float]:
    """Per record its own bit less the mean of the references' bits."""
    return [own - mean(others) for own, *others in zip(arm, *seeds, strict=True)]


def spread_of(
    gaps: Sequence[float], seeds: Sequence[Sequence[int]], *, margin: float, of_one_training: float
) -> tuple[float, float]:
    """Standard error and degrees of freedom: records, and `of_one_training` times what one training varies by."""
    of_records = variance(gaps) / len(gaps)
    of_seeds = of_one_training * seed_variance(seeds, margin=margin)
    return pooled([(of_records, len(gaps) - 1), (of_seeds, len(seeds) - 1 + PRIOR_DEGREES)])


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
    known: dict[tuple[int, ...], list[float]] = {}
    draws = []
    for _ in range(resamples):
        chosen = tuple(sorted(generator.choices(range(width), k=width)))
        if chosen not in known:
            known[chosen] = [row[0] - sum(row[1 + k] for k in chosen) / width for row in rows]
        draws.append(sum(generator.choices(known[chosen], k=count)) / count)
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
        return with_interval(NOTHING, Interval(-1.0, 1.0))
    hits, other_hits, count, other_count = sum(arm), sum(others), len(arm), len(others)
    rate, other = hits / count, other_hits / other_count
    parts = [(variance(bits) / len(bits), len(bits) - 1) for bits in (arm, others)]
    spread, degrees = pooled(parts)
    half = spread * NORMAL.inv_cdf(1 - level / 2)
    own, their = (clopper_pearson(sum(bits), len(bits), level=level) for bits in (arm, others))
    coin = 0.5**count
    return Excess(
        value=rate - other,
        interval=widest([from_bounds(own, their, rate, other), Interval(rate - other - half, rate - other + half)]),
        spread=spread,
        degrees=degrees,
        least_above=max(coin, fisher_above(hits, count, other_hits, other_count)),
        least_below=max(coin, fisher_above(count - hits, count, other_count - other_hits, other_count)),
    )


def beyond(own: Contrast, general: Contrast) -> Contrast:
    """`own` less `general`: what is left once "weaker everywhere" is taken away. Spreads add as if independent."""
    return Contrast(
        value=own.value - general.value,
        spread=math.hypot(own.spread, general.spread),
        degrees=min(own.degrees, general.degrees),
        least_above=own.least_above,
        least_below=own.least_below,
    )
