"""What a gate asks beyond the rows of a request, as far as the verdict must know it: who survives, and what is a limit.

A facet is a rule of the gate's file (unlearning.catalog.scope_rules). Most are judged like every other battery, beside
retrained references. Two kinds are not: `kept` is about rows that stay, where less is the fault and more is none; and
`at_most` and `chance` set a limit that a comparison with retraining cannot express. A limit alone never fails a model
that gives no more than retraining does: it leaves open whether the gate's promise holds.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from governance.verification.statistics import Interval, clopper_pearson

KEPT, AT_MOST, CHANCE = "kept", "at_most", "chance"
# The search for the rows that a limit needs ends here.
MOST_ROWS = 100_000
Facet = Mapping[str, Any]


def facet_of(policy: Mapping[str, Any], battery: str, budget: float) -> Facet | None:
    """The gate's rule about this budget of this battery; None where no gate is named, or none of its rules asks."""
    for rule in policy.get("facets", ()):
        if rule["battery"] == battery and (not rule.get("budgets") or budget in rule["budgets"]):
            found: Facet = rule
            return found
    return None


def is_kept(policy: Mapping[str, Any], battery: str) -> bool:
    """Whether a battery asks about rows that stay."""
    return any(rule["battery"] == battery and rule["asks"] == KEPT for rule in policy.get("facets", ()))


def required(policy: Mapping[str, Any]) -> Sequence[str]:
    """An empty list would let anything pass that nobody could have seen: the attack is required then too."""
    named: Sequence[str] = policy.get("required") or ["uma"]
    return named


def within(facet: Facet, budget: float, found: Interval) -> bool:
    """Whether everything in the interval of the candidate's share is allowed."""
    low, high = limits_of(facet, budget)
    return low <= found.low and found.high <= high


def limits_of(facet: Facet, budget: float) -> tuple[float, float]:
    """The least and the largest share that a limit allows; the budget of a choice is the number of its options."""
    if facet["asks"] == CHANCE:
        return 1 / budget - facet["limit"], 1 / budget + facet["limit"]
    return 0.0, facet["limit"]


def rows_needed(facet: Facet, budget: float, *, level: float) -> int | None:
    """The fewest records with which a model that gives nothing, or guesses, would be shown to keep to the limit."""
    rate = 1 / budget if facet["asks"] == CHANCE else 0.0
    count = 1
    while not within(facet, budget, clopper_pearson(round(rate * count), count, level=level)):
        count = math.ceil(1.05 * count + 0.5)
        if count > MOST_ROWS:
            return None
    return count
