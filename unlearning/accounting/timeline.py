"""From ledger events to the stretches of steps the two numbers are made of (guarantees.md sections 2 to 4)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from unlearning.accounting.descent import Descent
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.events import (
    Deleted,
    Destroyed,
    DrawDiscarded,
    DrawsSeen,
    Effective,
    Event,
    Released,
    Retrained,
    Steps,
    Trained,
)
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.minorant import Run
from unlearning.accounting.noisy_descent import absent, bound_of, present
from unlearning.accounting.strict_json import malformed

_FREE_CAUSES = ("crash", "lease_lost", "out_of_memory")


@dataclass(frozen=True)
class View:
    """What later releases (A) and all releases (B) say about one group."""

    a: GdpBound
    b: GdpBound


@dataclass
class _Stretch:
    """Runs between two moments at which both worlds stand at the same point. Its cost is its own minorant."""

    runs: list[Run] = field(default_factory=list)
    touched: bool = False  # the group was present: only then can the two worlds differ at all


@dataclass
class _Timeline:
    """The walk over the events. `a_parts` belong to the current line only; `b_parts` are kept for ever."""

    descent: Descent
    group: int
    here: bool = True
    removed: int = 0
    draws: int = 1
    chosen_by_data: bool = False
    a_parts: list[_Stretch] = field(default_factory=lambda: [_Stretch()])
    b_parts: list[_Stretch] = field(default_factory=lambda: [_Stretch()])

    def run(self, steps: int) -> None:
        for part in (self.a_parts[-1], self.b_parts[-1]):
            part.touched = part.touched or self.here
            part.runs.append(self._priced(steps, part))
        if self.draws > 1:  # every draw counts as seen at its end: both worlds go on from a known point (H4)
            self.a_parts.append(_Stretch())
            self.b_parts.append(_Stretch())
            self.draws = 1

    def _priced(self, steps: int, part: _Stretch) -> Run:
        if self.here:
            return present(self.descent, steps, self.group, draws=self.draws, removed_before=self.removed)
        return absent(self.descent, steps, self.group if part.touched else 0, draws=self.draws)

    def discard(self, event: DrawDiscarded) -> None:
        """H4: free only for a public cause and unseen. A cancelled draw is one more draw; what was seen or looked at
        has no finite price, because the ledger does not say what was seen."""
        if event.seen or event.cause == "looked":
            self.chosen_by_data = True
        elif event.cause not in _FREE_CAUSES:
            self.draws += 1

    def new_line(self) -> None:
        """Retraining. The abandoned stretch stays in B, as if it had been seen: charging it is never wrong."""
        self.a_parts = [_Stretch()]
        self.b_parts.append(_Stretch())

    def view(self) -> View:
        if self.chosen_by_data and self.group:
            return View(a=GdpBound(math.inf), b=GdpBound(math.inf))
        return View(a=self._total(self.a_parts), b=self._total(self.b_parts))

    def _total(self, parts: Sequence[_Stretch]) -> GdpBound:
        """Adaptive composition of Gaussian mechanisms: squares add (never epsilons)."""
        return GdpBound(math.sqrt(sum(bound_of(self.descent, part.runs).mu ** 2 for part in parts)))


def view(descent: Descent, events: Sequence[Event], *, group: int, leaves: str | None) -> View:
    """The two numbers for a group that is deleted in batch `leaves`, or still present when that is None.

    Raises: UNKNOWN_EVENT for an event without a price, EMPTY_DATASET_AFTER_DELETION.
    """
    timeline = _Timeline(descent=descent, group=group)
    for event in events:
        _apply(timeline, event, leaves)
    return timeline.view()


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


def _apply(timeline: _Timeline, event: Event, leaves: str | None) -> None:
    match event:
        case Trained(steps=steps) | Steps(steps=steps):
            timeline.run(steps)
        case Retrained(steps=steps):
            timeline.new_line()
            timeline.run(steps)
        case Released():
            timeline.b_parts.append(_Stretch())
        case Deleted(batch=batch, records=records):
            timeline.here = timeline.here and batch != leaves
            timeline.removed += records
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
