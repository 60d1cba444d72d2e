"""A certificate's headline: A and B of a plan's people over every model that held their rows, and all of their rows.

For an attacker who holds every release of all of them, the old ones and the new ones together: squares of mu add.
"""

import math
from dataclasses import dataclass
from typing import Any

from evidence.canonical import digest_json
from evidence.pricing import PricingError, jointly, line_bounds, numbers_of
from governance.jobs.lines import Line, last_deletion, lines_holding
from governance.jobs.models import Plan
from governance.jobs.people import subjects_of
from governance.lineage.models import Checkpoint, Subject
from unlearning.accounting import AccountingError, GdpBound, Ledger

UNBOUNDED = GdpBound(math.inf)


@dataclass(frozen=True)
class OtherLine:
    """One line beside the certificate's own: the entry in the certificate, and the ledger it names."""

    entry: dict[str, Any]
    document: dict[str, Any] | None

    def bounds(self) -> tuple[GdpBound, GdpBound]:
        """(A, B). One that ended publishes nothing later; one without a ledger has no bound."""
        if self.document is None:
            a = b = UNBOUNDED
        else:
            a, b = line_bounds(self.document, group=self.entry["group"], batch=self.entry["batch"])
        return (GdpBound(0.0) if self.entry["ended"] else a), b


def joint_part(plan: Plan, candidate: Checkpoint, *, a: GdpBound, b: GdpBound, delta: float | None) -> dict[str, Any]:
    """The certificate's fields about all models; `a` and `b` are those of its own line."""
    others = other_lines(plan, candidate)
    bounds = [(a, b), *(other.bounds() for other in others)]
    found = {
        f"{name}_all_models": numbers_of(jointly(pair[place] for pair in bounds), delta=delta)
        for place, name in enumerate(("a", "b"))
    }
    return {**found, "other_models": [other.entry for other in others]}


def other_lines(plan: Plan, candidate: Checkpoint) -> list[OtherLine]:
    """In an order that says nothing: by the ledger's digest, then the model."""
    people = subjects_of(plan)
    joint = plan.policy.body["claim"]["regime"] == "joint"
    lines = [line for line in lines_holding(people) if candidate.pk not in {c.pk for c in line.checkpoints}]
    found = [entry_of(line, people, plan, together=joint) for line in lines]
    return sorted(found, key=lambda other: (other.entry["ledger"] or "", other.entry["model"]))


def entry_of(line: Line, people: list[Subject], plan: Plan, *, together: bool) -> OtherLine:
    # Older lines of this very model are on the plan's destruction list, which ends before the certificate begins.
    ended = line.ended or line.model.pk == plan.model_id
    rows = line.rows_of(people, together=together)
    # Nothing is priced by it, so it need not say how many rows somebody really had: the public cap does.
    cap = line.model.dataset.rows_per_subject if line.model.dataset else 1
    unknown = {"model": line.model.ref, "ledger": None, "group": cap, "batch": None, "ended": ended}
    if line.document is None:
        return OtherLine(unknown, None)
    try:
        entry = {**unknown, **priced_part(line, people, rows)}
        line_bounds(line.document, group=entry["group"], batch=entry["batch"])
    except (AccountingError, PricingError):
        # A ledger that nobody can price is none: it must not keep these people's deletion from ending.
        return OtherLine(unknown, None)
    return OtherLine(entry, line.document)


def priced_part(line: Line, people: list[Subject], rows: int) -> dict[str, Any]:
    ledger = Ledger.from_dict(line.document)
    group = max(ledger.problem.contribution_cap, rows)
    return {"ledger": digest_json(line.document), "group": group, "batch": last_deletion(line, people)}
