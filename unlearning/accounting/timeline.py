"""From ledger events to the stretches of steps the two numbers are made of (guarantees.md sections 2 to 4)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from unlearning.accounting.accounts import Account
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
from unlearning.accounting.exposures import (
    CheckpointKept,
    ChosenByRows,
    IterateKept,
    MeasurementShown,
    ReferencesKept,
    SeedKept,
    Vetoed,
)
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.kept import kept_for_a, kept_for_b
from unlearning.accounting.ledger import Problem
from unlearning.accounting.stays import Stay
from unlearning.accounting.stretches import Segment, Stretch, total
from unlearning.accounting.strict_json import malformed

_FREE_CAUSES = ("crash", "lease_lost", "out_of_memory")


@dataclass(frozen=True)
class View:
    """What later releases (A) and all releases (B) say about one group. Each is computed when it is asked for."""

    timeline: "_Timeline"

    @property
    def reserve(self) -> float:
        """What vetoes took from delta, in both."""
        return self.timeline.reserve

    @cached_property
    def a(self) -> GdpBound:
        """Later releases only."""
        return self.timeline.bound(self.timeline.a)

    @cached_property
    def b(self) -> GdpBound:
        """All releases."""
        return self.timeline.bound(self.timeline.b)

    @cached_property
    def b_in_any_slots(self) -> GdpBound:
        """All releases, for rows that may lie in another slot after each of them: each stretch at its own worst."""
        account = self.timeline.b
        parts = [replace(account, parts=[part], beside=[]) for part in (*account.beside, *account.parts)]
        return GdpBound(math.hypot(*(self.timeline.bound(part).mu for part in parts)), reserve=self.reserve)


@dataclass
class _Timeline:
    """The walk over the events. `a` belongs to the current line and to what was kept; `b` is for ever."""

    problem: Problem
    stays: tuple[Stay, ...]
    rows: list[int]
    removed: int
    a: Account
    b: Account
    draws: int = 1
    someone_left: bool = False
    met: bool = False  # some of the rows have been in the model: only then can anything depend on them
    reserve: float = 0.0

    def run(self, at: int, steps: int) -> None:
        """One run, drawn as often as the events before it say."""
        segment = Segment(start=0, steps=steps, rows=tuple(self.rows), removed=self.removed, draws=self.draws)
        self.problem.drift(sum(self.rows), removed_before=self.removed)  # refuses a group that is everybody
        for account in (self.a, self.b):
            account.add(at, segment)
        if self.draws > 1 and self.someone_left:
            self.a.spare()  # draws seen after the rows left are later models: a new line takes none of them back
        self.draws = 1

    def edit(self, event: Deleted | Inserted) -> None:
        """Rows of anyone leave or come; rows of the stays with this batch among them."""
        gone = isinstance(event, Deleted)
        self.removed += event.records if gone else -event.records
        for at, stay in enumerate(self.stays):
            if event.batch == (stay.left if gone else stay.joined):
                self.rows[at] = 0 if gone else stay.rows
                self.someone_left = self.someone_left or gone
        self.met = self.met or any(self.rows)

    def discard(self, event: DrawDiscarded) -> None:
        """H4: free only for a public cause and unseen. A cancelled draw is one more draw; what was seen or looked at
        has no finite price, because the ledger does not say what was seen."""
        if event.seen or event.cause == "looked":
            self.expose()
        elif event.cause not in _FREE_CAUSES:
            self.draws += 1

    def publish(self) -> None:
        """B knows every release. A knows those after the rows (of several stays: the first) left: such a release says
        what all made from it say together, so no step after it earns A anything, and no new line takes it back."""
        self.b.mark_known()
        if self.someone_left:
            self.a.mark_seen()

    def expose(self) -> None:
        """Something that depends on the rows got out, without noise: no price is high enough."""
        self.a.open = self.b.open = self.a.open or self.met

    def references(self, at: int, event: ReferencesKept) -> None:
        """Each is one more training; K of them from one start are K draws."""
        training = Segment(
            start=0, steps=event.steps, rows=tuple(self.rows), removed=self.removed, draws=event.references
        )
        for account in (self.a, self.b):
            if at in account.kept.references:
                account.beside.append(Stretch([training]))

    def bound(self, account: Account) -> GdpBound:
        if account.open:
            return GdpBound(math.inf, reserve=self.reserve)
        parts = [*account.beside, *account.parts]
        return GdpBound(total(self.problem, parts, stays=len(self.stays)), reserve=self.reserve)


def view(problem: Problem, events: Sequence[Event], *, stays: Sequence[Stay]) -> View:
    """The two numbers for these rows; a stay whose batch does not come up has not come, or has not left.

    Raises: UNKNOWN_EVENT for an event without a price, EMPTY_DATASET_AFTER_DELETION.
    """
    rows = [0 if stay.joined is not None else stay.rows for stay in stays]
    timeline = _Timeline(
        problem=problem,
        stays=tuple(stays),
        rows=rows,
        removed=problem.n - problem.rows_at_start,
        a=Account(kept_for_a(events)),
        b=Account(kept_for_b(events)),
        met=any(rows),
    )
    for at, event in enumerate(events):
        _apply(timeline, at, event)
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


def _apply(timeline: _Timeline, at: int, event: Event) -> None:
    match event:
        case Trained(steps=steps) | Steps(steps=steps):
            timeline.run(at, steps)
        case Retrained(steps=steps):
            timeline.a.abandon_line()
            timeline.b.new_line()
            timeline.run(at, steps)
        case Released():
            timeline.publish()
        case Deleted() | Inserted():
            timeline.edit(event)
        case DrawDiscarded():
            timeline.discard(event)
        case DrawsSeen(draws=draws):
            timeline.draws += draws - 1
        case Vetoed(alpha=alpha):
            timeline.reserve += alpha if timeline.met else 0.0
        case ReferencesKept():
            timeline.references(at, event)
        case ChosenByRows() | MeasurementShown():
            timeline.expose()
        case Destroyed() | Effective() | IterateKept() | CheckpointKept() | SeedKept():
            pass  # when, and what of which run: looked up beforehand in `kept.py`
        case _:
            raise AccountingError(
                "UNKNOWN_EVENT", f"No price is known for {type(event).__name__}.", "Price it here before writing it."
            )
