"""From ledger events to the stretches of steps the two numbers are made of (guarantees.md sections 2 to 4)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from unlearning.accounting.errors import AccountingError
from unlearning.accounting.events import (
    Deleted,
    Destroyed,
    DrawDiscarded,
    DrawsSeen,
    Effective,
    Event,
    Inserted,
    Released,
    Retrained,
    Steps,
    Trained,
)
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.ledger import Problem
from unlearning.accounting.stays import Stay
from unlearning.accounting.stretches import Segment, Stretch, total
from unlearning.accounting.strict_json import malformed

_FREE_CAUSES = ("crash", "lease_lost", "out_of_memory")


@dataclass(frozen=True)
class View:
    """What later releases (A) and all releases (B) say about one group. Each is computed when it is asked for."""

    timeline: "_Timeline"

    @cached_property
    def a(self) -> GdpBound:
        """Later releases only."""
        return self.timeline.bound(self.timeline.a_parts)

    @cached_property
    def b(self) -> GdpBound:
        """All releases."""
        return self.timeline.bound(self.timeline.b_parts)


@dataclass
class _Timeline:
    """The walk over the events. `a_parts` belong to the current line only; `b_parts` are kept for ever."""

    problem: Problem
    stays: tuple[Stay, ...]
    rows: list[int]
    removed: int
    draws: int = 1
    chosen_by_data: bool = False
    a_parts: list[Stretch] = field(default_factory=lambda: [Stretch()])
    b_parts: list[Stretch] = field(default_factory=lambda: [Stretch()])

    def run(self, steps: int) -> None:
        segment = Segment(start=0, steps=steps, rows=tuple(self.rows), removed=self.removed, draws=self.draws)
        self.problem.drift(sum(self.rows), removed_before=self.removed)  # refuses a group that is everybody
        self.a_parts[-1].segments.append(segment)
        self.b_parts[-1].segments.append(segment)
        if self.draws > 1:  # every draw counts as seen at its end: both worlds go on from a known point (H4)
            self.a_parts.append(Stretch())
            self.b_parts.append(Stretch())
            self.draws = 1

    def edit(self, event: Deleted | Inserted) -> None:
        """Rows of anyone leave or come; rows of the stays with this batch among them."""
        gone = isinstance(event, Deleted)
        self.removed += event.records if gone else -event.records
        for at, stay in enumerate(self.stays):
            if event.batch == (stay.left if gone else stay.joined):
                self.rows[at] = 0 if gone else stay.rows

    def discard(self, event: DrawDiscarded) -> None:
        """H4: free only for a public cause and unseen. A cancelled draw is one more draw; what was seen or looked at
        has no finite price, because the ledger does not say what was seen."""
        if event.seen or event.cause == "looked":
            self.chosen_by_data = True
        elif event.cause not in _FREE_CAUSES:
            self.draws += 1

    def new_line(self) -> None:
        """Retraining. The abandoned stretch stays in B, as if it had been seen: charging it is never wrong."""
        self.a_parts = [Stretch()]
        self.b_parts.append(Stretch())

    def bound(self, parts: Sequence[Stretch]) -> GdpBound:
        if self.chosen_by_data and any(stay.rows for stay in self.stays):
            return GdpBound(math.inf)
        return GdpBound(total(self.problem, parts, stays=len(self.stays)))


def view(problem: Problem, events: Sequence[Event], *, stays: Sequence[Stay]) -> View:
    """The two numbers for these rows; a stay whose batch does not come up has not come, or has not left.

    Raises: UNKNOWN_EVENT for an event without a price, EMPTY_DATASET_AFTER_DELETION.
    """
    timeline = _Timeline(
        problem=problem,
        stays=tuple(stays),
        rows=[0 if stay.joined is not None else stay.rows for stay in stays],
        removed=problem.n - problem.rows_at_start,
    )
    for event in events:
        _apply(timeline, event)
    return View(timeline)


def require_runs_after_draws(events: Sequence[Event]) -> None:
    """A draw is charged to the run after it, so one at the end would cost nothing. Raises: LEDGER_MALFORMED."""
    draws = 1
    for event in events:
        if isinstance(event, Trained | Steps | Retrained):
            draws = 1
        elif isinstance(event, DrawsSeen) or (isinstance(event, DrawDiscarded) and event.cause not in _FREE_CAUSES):
            draws += 1
    if draws > 1:
        raise malformed("A draw stands after the last run; write it before the run it was an attempt at.")


def _apply(timeline: _Timeline, event: Event) -> None:
    match event:
        case Trained(steps=steps) | Steps(steps=steps):
            timeline.run(steps)
        case Retrained(steps=steps):
            timeline.new_line()
            timeline.run(steps)
        case Released():
            timeline.b_parts.append(Stretch())
        case Deleted() | Inserted():
            timeline.edit(event)
        case DrawDiscarded():
            timeline.discard(event)
        case DrawsSeen(draws=draws):
            timeline.draws += draws - 1
        case Destroyed() | Effective():
            pass  # facts about when, not about what could be seen
        case _:
            raise AccountingError(
                "UNKNOWN_EVENT", f"No price is known for {type(event).__name__}.", "Price it here before writing it."
            )
