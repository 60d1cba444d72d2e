"""What a verification could have seen, and what would decide an inconclusive one. From counts and rates alone.

Nothing here looks at an erased record unless its caller does: with the rate of never-seen people for `rate`, everything
that comes out may be shown to everybody (decision 0007).
"""

import math
from dataclasses import dataclass, replace

from governance.verification.excess import PRIOR_DEGREES, SEED_SHARE_OF_MARGIN, pooled
from governance.verification.statistics import NORMAL, clopper_pearson, smallest_visible, student_quantile

# A true excess of the detectable size is found nine times in ten.
MISSED = 0.1
MOST_RECORDS = 100_000


@dataclass(frozen=True, kw_only=True)
class Design:
    """How a verification is laid out. `rate`: how often the control yields; `tests`: budgets of all batteries."""

    records: int
    references: int
    level: float
    margin: float
    rate: float = 0.5
    tests: int = 1
    # Never-seen rows, where they are the control because there are no references.
    never_seen: int = 0

    def spread(self, *, candidate_is_a_seed: bool) -> tuple[float, float]:
        """Standard error of the excess and its degrees of freedom."""
        toss = self.rate * (1 - self.rate)
        if not self.references:
            return pooled([(toss / self.records, self.records - 1), (toss / self.never_seen, self.never_seen - 1)])
        seed = (SEED_SHARE_OF_MARGIN * self.margin) ** 2 * (1 / self.references + candidate_is_a_seed)
        of_records = toss * (1 + 1 / self.references) / self.records
        return pooled([(of_records, self.records - 1), (seed, self.references - 1 + PRIOR_DEGREES)])

    @property
    def is_possible(self) -> bool:
        return self.records > 1 and (self.references > 0 or self.never_seen > 1)


def detectable(design: Design) -> float:
    """The smallest true excess that nine verifications in ten would call a failure."""
    if not design.is_possible:
        return 1.0
    spread, degrees = design.spread(candidate_is_a_seed=True)
    asked = student_quantile(design.level / 2 / design.tests, degrees=degrees)
    found = (asked + NORMAL.inv_cdf(1 - MISSED)) * spread
    return min(1.0, max(found, smallest_visible(design.records, level=design.level)))


def can_pass(design: Design) -> bool:
    """Whether an honest candidate would be shown to lie within the margin, nine times in ten."""
    if not design.is_possible or smallest_visible(design.records, level=design.level) > design.margin:
        return False
    spread, degrees = design.spread(candidate_is_a_seed=False)
    # It may fail to be shown on either side: half of MISSED each.
    return (student_quantile(design.level / 2, degrees=degrees) + NORMAL.inv_cdf(1 - MISSED / 2)) * spread <= (
        design.margin
    )


def records_needed(design: Design) -> int | None:
    """The fewest records with which an honest candidate would pass; None when no number of them is enough."""
    if not can_pass(replace(design, records=MOST_RECORDS)):
        return None
    low, high = 1, MOST_RECORDS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if can_pass(replace(design, records=middle)) else (middle, high)
    return high


def references_needed(design: Design, *, most: int = 20) -> int | None:
    """The fewest references, from those there are, with which an honest candidate would pass."""
    for count in range(max(1, design.references), most + 1):
        if can_pass(replace(design, references=count)):
            return count
    return None


def people_needed(rate: float, floor: float, *, level: float) -> int | None:
    """The fewest people asked who would show that a model this often right is above the floor; None if never."""
    if rate <= floor:
        return None
    count = 1
    while clopper_pearson(math.floor(rate * count), count, level=level).low < floor:
        count = math.ceil(1.1 * count)
        if count > MOST_RECORDS:
            return None
    return count


def attempts_left(design: Design, *, most: int = 20) -> int:
    """How many more verifications, each at half the level of the one before, could still let an honest one pass."""
    left = 0
    while left < most and can_pass(replace(design, level=design.level / 2 ** (left + 1))):
        left += 1
    return left


def power_words(design: Design) -> str:
    """For officers: what could have gone unseen, and what the policy's margin takes."""
    seen = detectable(design)
    words = (
        f"With {design.records} records and {control_words(design)} an excess below {seen:.0%} could have gone unseen "
        "(one of that size is found nine times in ten)."
    )
    needed = records_needed(design)
    if needed is None:
        return f"{words} For {design.margin:.0%} no number of records is enough with such a control."
    # Measured (benchmarks/batch_sizes): a dozen strengths took up to 1.85 times what one takes.
    return (
        f"{words} For {design.margin:.0%} about {needed} records are needed by one test alone, and up to twice as many "
        "by several at once."
    )


def control_words(design: Design) -> str:
    if design.references:
        return f"{design.references} retrained reference{'s' if design.references > 1 else ''}"
    return f"{design.never_seen} never-seen people for a control" if design.never_seen else "no control"


def deciding_words(design: Design, *, training_s: float) -> list[str]:
    """What would decide an inconclusive verdict, and what each way costs; `training_s`: seconds of one training."""
    needed, more, left = records_needed(design), references_needed(design), attempts_left(design)
    found = []
    if needed is not None and needed > design.records:
        price = seconds_words(design.references * training_s)
        found.append(f"Wait and erase about {needed} records in one batch: {design.references} trainings, {price}.")
    if more is not None and more > design.references:
        found.append(f"Train {more} references instead of {design.references}: {seconds_words(more * training_s)}.")
    if left:
        price = seconds_words(design.references * training_s)
        attempts = "1 such attempt" if left == 1 else f"{left} such attempts"
        found.append(f"Verify again, at half the level ({attempts} can still pass): {price} each.")
    else:
        found.append("Verifying again would need more records than this time: its level is half of this one's.")
    return found


def retraining_words(training_s: float) -> str:
    """The way that needs no attack, for a candidate that did not come by it."""
    return f"Retrain without the erased records: one training, {seconds_words(training_s)}."


def seconds_words(seconds: float) -> str:
    """A price in the unit that people think in."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"about {math.ceil(seconds / size)} {unit}"
    return f"about {math.ceil(seconds)} s"
