"""What a gate leaves open: limits that are not shown to be kept, and how many rows that would take."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from governance.verification.facets import AT_MOST, CHANCE, Facet, facet_of, rows_needed, within
from governance.verification.measurement_words import measurement_words
from governance.verification.power import Design, can_pass, control_words, detectable, records_needed
from governance.verification.reasons import Reason
from governance.verification.rungs import Judged
from governance.verification.statistics import clopper_pearson


def limited(judged: Sequence[Judged], policy: Mapping[str, Any]) -> Iterator[tuple[Judged, Facet]]:
    """Budgets for which the gate sets a limit of its own."""
    for item in judged:
        facet = facet_of(policy, item.battery, item.rung.budget)
        if facet and facet["asks"] in (AT_MOST, CHANCE):
            yield item, facet


def of_limits(judged: Sequence[Judged], policy: Mapping[str, Any], *, level: float) -> list[Reason]:
    """Nobody passes a gate whose limit may be broken, also where retraining leaves as much."""
    found = []
    for item, facet in limited(judged, policy):
        bounds = clopper_pearson(sum(item.rung.a), len(item.rung.a), level=level)
        if not within(facet, item.rung.budget, bounds):
            words = (
                f"At budget {item.rung.budget:g} of {item.battery} the share may be {bounds.low:.0%} to "
                f"{bounds.high:.0%}, which the gate's limit of {facet['limit']:.0%} does not hold."
            )
            found.append(Reason(words))
    return found


def of_few(judged: Sequence[Judged], policy: Mapping[str, Any], design: Design) -> list[Reason]:
    """From counts alone: what asks about too few rows to show that the gate's rule holds."""
    found = []
    for item, facet in limited(judged, policy):
        count, needed = len(item.rung.a), rows_needed(facet, item.rung.budget, level=design.level)
        if needed and count < needed:
            # How many could be asked follows from how the erased rows are written (0039).
            found.append(f"{measurement_words(item.battery)}: about {needed} are needed, and fewer could be asked.")
    for item in judged:
        beside = {"references": len(item.rung.b), "never_seen": 0 if item.rung.b else len(item.rung.a)}
        layout = replace(design, records=len(item.rung.a), margin=item.margin, rate=1.0, **beside)
        if item.is_kept and not can_pass(layout):
            found.append(f"{measurement_words(item.battery)}: {survivor_words(layout)}")
    return [Reason(words, open=True) for words in found]


def survivor_words(layout: Design) -> str:
    """Of rows that stay: what could be lost unseen, and how many would show that it is not."""
    needed, beside = records_needed(layout), control_words(layout) if layout.references else "the original as control"
    wanted = f"about {needed} of them are needed" if needed else "no number of them is enough with such a control"
    return (
        f"with {layout.records} asked and {beside} a loss below {detectable(layout):.0%} could have "
        f"gone unseen. For {layout.margin:.0%} {wanted}, all of them known before."
    )
