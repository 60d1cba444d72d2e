"""What a ledger costs: A "later releases only" and B "all releases", for one person.

B is the headline: an attacker with every release of the model, and any requester. A assumes that no earlier release
was seen and that nothing in the line was influenced by one. A deletion lowers A and stops B from growing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from unlearning.accounting.errors import AccountingError
from unlearning.accounting.events import Deleted, Event, Inserted, Released
from unlearning.accounting.exposures import ChosenByRows, Kept, MeasurementShown, Vetoed
from unlearning.accounting.gdp import GdpBound, require_delta
from unlearning.accounting.kept import require_kept_runs
from unlearning.accounting.ledger import Ledger
from unlearning.accounting.stays import Stay, place, require_batches
from unlearning.accounting.strict_json import malformed
from unlearning.accounting.timeline import require_runs_after_draws, view

ACCOUNTANT = "obelus/accountant/1"


@dataclass(frozen=True, kw_only=True)
class Price:
    """The bounds of one certificate. `batch` is the deletion judged, None when nothing was deleted."""

    a: GdpBound
    b: GdpBound
    b_before: GdpBound
    delta: float
    group: int
    batch: str | None
    adjacency: str
    assumption: str

    @property
    def compares(self) -> str:
        """The two worlds the numbers tell apart, in words."""
        return compared_worlds(self.adjacency)

    @property
    def delta_reserve(self) -> float:
        """What pure vetoes took from delta: every epsilon here is that of the curves at delta minus this."""
        return self.b.reserve

    def to_json(self) -> dict[str, Any]:
        """The price as plain JSON; an infinite number is the string "infinite"."""
        bounds = {"b": self.b, "b_before": self.b_before, "a": self.a}
        facts = {
            "accountant": ACCOUNTANT,
            "delta": self.delta,
            "group": self.group,
            "batch": self.batch,
            "adjacency": self.adjacency,
            "assumption": self.assumption,
            "compares": self.compares,
        }
        if self.delta_reserve:
            facts["delta_reserve"] = self.delta_reserve
        return facts | {name: bound_json(bound, self.delta, self.adjacency) for name, bound in bounds.items()}


@dataclass(frozen=True, kw_only=True)
class NextRelease:
    """B of the people still present: of what was published, kept or shown, and with this moment's model published."""

    spent: GdpBound
    after: GdpBound


def price(
    ledger: Ledger,
    *,
    delta: float,
    group: int | None = None,
    batch: str | None = None,
    stays: Sequence[Stay] | None = None,
) -> Price:
    """A, B and B one moment before the deletion, for a person with `group` rows (default: the contribution cap).

    The person was there from the first training and is deleted in `batch` (default: the last deletion, whose people
    were present longest); without any deletion, one who is present. Anyone else is described by `stays`, in place of
    `group` and `batch`. Price list of guarantees.md section 4, version 2.
    Raises: DELTA_OUT_OF_RANGE, LEDGER_MALFORMED, EMPTY_DATASET_AFTER_DELETION.
    """
    require_delta(delta)
    require_runs_after_draws(ledger.events)
    require_kept_runs(ledger.events)
    if stays is None:
        stays = (Stay(rows=_rows(ledger, group), left=_last_deletion(ledger, batch)),)
    elif group is not None or batch is not None:
        raise malformed("Expected either `stays` or `group` and `batch`, got both.")
    require_batches(stays, ledger.events)
    leaves, before = _last_leaving(ledger, stays)
    rows = sum(stay.rows for stay in stays)
    now = view(ledger.problem, ledger.events, stays=stays)
    earlier = view(ledger.problem, ledger.events[:before], stays=stays)
    return Price(
        a=now.a,
        b=now.b,
        b_before=earlier.b,
        delta=delta,
        group=rows,
        batch=leaves,
        adjacency=ledger.problem.adjacency,
        assumption=ledger.problem.assumption,
    )


def price_next_release(ledger: Ledger, *, group: int | None = None) -> NextRelease:
    """What publishing the present model would cost those still in it, also who left and came again.

    Whoever came again may have another slot of a mini-batch, and so be seen last by every run. Raises: as `price`.
    """
    require_runs_after_draws(ledger.events)
    require_kept_runs(ledger.events)
    rows = _rows(ledger, group)
    published = max((at for at, event in enumerate(ledger.events, 1) if isinstance(event, _SPENDING)), default=0)
    return NextRelease(
        spent=_of_those_present(ledger, ledger.events[:published], rows),
        after=_of_those_present(ledger, ledger.events, rows),
    )


def _of_those_present(ledger: Ledger, events: Sequence[Event], rows: int) -> GdpBound:
    present = view(ledger.problem, events, stays=(Stay(rows=rows),))
    left = next((at for at, event in enumerate(events) if isinstance(event, Deleted)), len(events))
    came_again = any(isinstance(event, Inserted) for event in events[left:])
    return present.b_in_any_slots if came_again and ledger.problem.batch is not None else present.b


# What has been spent ends at the last of these; runs since then cost nothing until something of them gets out.
_SPENDING = (Released, Kept, ChosenByRows, MeasurementShown, Vetoed)


def require_release_within(
    ledger: Ledger, *, cap_epsilon: float, delta: float, group: int | None = None
) -> NextRelease:
    """Refuse to publish above the cap fixed before the first release. Deleting and withdrawing never pass here.

    Raises: BUDGET_EXCEEDED, saying by how much; TARGET_OUT_OF_RANGE for a cap that is no cap.
    """
    if not (math.isfinite(cap_epsilon) and cap_epsilon > 0.0):
        raise AccountingError("TARGET_OUT_OF_RANGE", f"Expected a cap above 0, got {cap_epsilon}.", "Fix the policy.")
    cost = price_next_release(ledger, group=group)
    epsilon = cost.after.epsilon(delta)
    if epsilon > cap_epsilon:
        raise AccountingError(
            "BUDGET_EXCEEDED",
            f"Publishing would bring B to epsilon {epsilon:.4g} at delta {delta:g}, "
            f"{epsilon - cap_epsilon:.4g} above the cap of {cap_epsilon:g} "
            f"(spent so far: {cost.spent.epsilon(delta):.4g}).",
            "Do not publish; deletion and withdrawal stay allowed.",
        )
    return cost


def bound_json(bound: GdpBound, delta: float, adjacency: str) -> dict[str, float | str]:
    """One bound as JSON numbers. `advantage_two_values` doubles mu under zero-out (guarantees.md section 1)."""
    two_values = between_two_values(bound, adjacency)
    return {
        "mu": finite_or_word(bound.mu),
        "epsilon": finite_or_word(bound.epsilon(delta)),
        "advantage": bound.advantage,
        "advantage_two_values": two_values.advantage,
    }


def between_two_values(bound: GdpBound, adjacency: str) -> GdpBound:
    """What tells two values of the same rows apart: twice the mu where the bound compares present with absent.

    Each value's run had its own veto, so the advantage pays for both. No epsilon follows from it then.
    """
    return replace(bound, mu=bound.mu * (2.0 if adjacency == "zero_out" else 1.0), reserve=2.0 * bound.reserve)


def compared_worlds(adjacency: str) -> str:
    """The two worlds an adjacency tells apart, in words."""
    if adjacency == "zero_out":
        return "the person's rows present against absent; two values of the rows cost twice the mu"
    return "the person's rows against any other rows" if adjacency == "replace" else "present against removed"


def finite_or_word(value: float) -> float | str:
    """JSON has no infinity."""
    return value if math.isfinite(value) else "infinite"


def _rows(ledger: Ledger, group: int | None) -> int:
    return ledger.problem.contribution_cap if group is None else group


def _last_deletion(ledger: Ledger, batch: str | None) -> str | None:
    """The batch asked for, or else the last deletion."""
    deletions = [event.batch for event in ledger.events if isinstance(event, Deleted)]
    return batch if batch is not None or not deletions else deletions[-1]


def _last_leaving(ledger: Ledger, stays: Sequence[Stay]) -> tuple[str | None, int]:
    """The last deletion of these stays and the number of events before it."""
    left = [(place(ledger.events, Deleted, stay.left), stay.left) for stay in stays if stay.left is not None]
    at, batch = max(left, default=(len(ledger.events), None))
    return batch, at
