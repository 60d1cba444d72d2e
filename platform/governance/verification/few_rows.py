"""Facets of a gate that were asked on so few rows that they could show nothing: named, from counts alone.

Without this such a facet is passed over as one to which the old model knows no answer, and a reader of a verdict that
passed takes it for asked.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from governance.verification.facets import AT_MOST, CHANCE, facet_of, required
from governance.verification.measurement_words import measurement_words
from governance.verification.reasons import Reason
from governance.verification.rungs import Judged, family_of


def rows_to_see(margin: float, *, level: float) -> int | None:
    """The fewest rows on which anything can be seen; None where no number is enough.

    An excess of `margin` must have shown itself at least once (statistics.smallest_visible), and an old model that
    gives every answer must stand out from chance: a coin for each row. Two-sided `level`, as in the verdict.
    """
    known = math.ceil(math.log2(2 / level))
    if margin >= 1:
        return known
    return max(known, math.ceil(math.log(level / 2) / math.log1p(-margin))) if margin > 0 else None


def asked_of_few(
    judged: Sequence[Judged], policy: Mapping[str, Any], *, level: float
) -> Iterator[tuple[Judged, int | None]]:
    """Facets that are judged beside a control on too few rows, and how many it takes.

    Limits and rows that stay have doubts of their own: on few rows no limit is kept and no loss is ruled out.
    """
    for item in judged:
        facet = facet_of(policy, item.battery, item.rung.budget)
        if facet and not item.is_kept and facet["asks"] not in (AT_MOST, CHANCE):
            needed = rows_to_see(item.margin, level=level)
            if needed is None or len(item.rung.a) < needed:
                yield item, needed


def of_required(judged: Sequence[Judged], policy: Mapping[str, Any], *, level: float) -> list[Reason]:
    """What the policy or its gate requires and so few cannot answer: nobody passes."""
    few = asked_of_few(judged, policy, level=level)
    words = "It is required, so nobody passes on so few."
    return [Reason(f"{few_words(*each)} {words}", open=True) for each in few if is_required(each[0], policy)]


def named(judged: Sequence[Judged], policy: Mapping[str, Any], *, level: float) -> list[Reason]:
    """What nobody requires: said beside a pass as well, since it was not shown that nothing comes back that way."""
    few = asked_of_few(judged, policy, level=level)
    words = "It is not required: it decided nothing here."
    return [Reason(f"{few_words(*each)} {words}", open=True) for each in few if not is_required(each[0], policy)]


def is_required(item: Judged, policy: Mapping[str, Any]) -> bool:
    return any(family_of(item.battery, family) for family in required(policy))


def few_words(item: Judged, needed: int | None) -> str:
    """Not how many could be asked: that follows from how the erased rows are written (0039)."""
    takes = f"at least {needed} are needed, and fewer could be asked" if needed else "no number of rows is enough"
    return f"{measurement_words(item.battery)}: inconclusive, since to see an excess of {item.margin:.0%} {takes}."
