"""A certificate's headline: A and B of a plan's people over every model that held their rows, and all of their rows.

For an attacker who holds every release of all of them, the old ones and the new ones together: squares of mu add.
"""

import math
from dataclasses import dataclass
from typing import Any

from evidence.canonical import digest_json
from evidence.pricing import jointly, line_bounds, numbers_of
from governance.jobs.lines import Line, last_deletion, lines_holding
from governance.jobs.models import Plan
from governance.jobs.people import subjects_of
from governance.lineage.models import Checkpoint, Subject


@dataclass(frozen=True)
class OtherLine:
    """One line beside the certificate's own: the entry in the certificate, and the ledger it names."""

    entry: dict[str, Any]
    document: dict[str, Any] | None

    def bounds(self) -> tuple[float, float]:
        """(A, B) as mu. One that ended publishes nothing later; one without a ledger has no bound."""
        if self.document is None:
            a, b = math.inf, math.inf
        else:
            a, b = line_bounds(self.document, group=self.entry["group"], batch=self.entry["batch"])
        return (0.0 if self.entry["ended"] else a), b


def joint_part(plan: Plan, candidate: Checkpoint, own: dict[str, Any], *, delta: float | None) -> dict[str, Any]:
    """The certificate's fields about all models. `own` holds its own `a` and `b`."""
    others = other_lines(plan, candidate)
    bounds = [other.bounds() for other in others]
    found = {
        f"{name}_all_models": numbers_of(jointly([own_mu(own[name]), *(b[place] for b in bounds)]), delta=delta)
        for place, name in enumerate(("a", "b"))
    }
    return {**found, "other_models": [other.entry for other in others]}


def own_mu(claimed: dict[str, Any]) -> float:
    return math.inf if claimed["mu"] is None else float(claimed["mu"])


def other_lines(plan: Plan, candidate: Checkpoint) -> list[OtherLine]:
    """In an order that says nothing: by the ledger's digest, then the model."""
    people = subjects_of(plan)
    joint = plan.policy.body["claim"]["regime"] == "joint"
    lines = [line for line in lines_holding(people) if candidate.pk not in {c.pk for c in line.checkpoints}]
    found = [entry_of(line, people, plan, together=joint) for line in lines]
    return sorted(found, key=lambda other: (other.entry["ledger"] or "", other.entry["model"]))


def entry_of(line: Line, people: list[Subject], plan: Plan, *, together: bool) -> OtherLine:
    ledger = line.ledger
    cap = ledger.problem.contribution_cap if ledger else 1
    entry = {
        "model": line.model.ref,
        "ledger": digest_json(line.document) if line.document else None,
        "group": max(cap, line.rows_of(people, together=together)),
        "batch": last_deletion(line, people),
        # Older lines of this very model are on the plan's destruction list, which ends before the certificate begins.
        "ended": line.ended or line.model.pk == plan.model_id,
    }
    return OtherLine(entry, line.document)
