"""What one more publication would cost those still in a model: before anybody approves it, and against the cap.

B counts every published line of the model: training it anew from nothing does not give the budget back.
"""

import math
from dataclasses import dataclass, replace

from evidence.pricing import jointly
from governance.jobs.lines import Line, lines_of
from governance.jobs.models import BudgetCap
from governance.lineage.models import Checkpoint, TrainedModel
from governance.verification.models import Policy
from unlearning.accounting import GdpBound, Ledger, Released, price_next_release
from unlearning.accounting.gdp import mu_for


@dataclass(frozen=True)
class Cap:
    """The most B that one person may be charged by a model's releases. `fixed`: it can no longer change."""

    mu: float
    delta: float
    fixed: bool

    @property
    def epsilon(self) -> float:
        return GdpBound(self.mu).epsilon(self.delta)


@dataclass(frozen=True)
class NextCost:
    """B of a person still in the model: over all that is public, and if this were published too."""

    spent: GdpBound
    after: GdpBound
    cap: Cap

    @property
    def now(self) -> float:
        return self.spent.epsilon(self.cap.delta)

    @property
    def then(self) -> float:
        return self.after.epsilon(self.cap.delta)

    @property
    def left(self) -> float:
        """Epsilon under the cap after it; never below 0."""
        return max(0.0, self.cap.epsilon - self.then)

    @property
    def over(self) -> float:
        """Epsilon above the cap; 0 where it may be published."""
        return max(0.0, self.then - self.cap.epsilon)

    @property
    def more_like_it(self) -> int | None:
        """How many further publications that cost as much would fit; None where this one costs nothing."""
        step = self.after.mu * self.after.mu - self.spent.mu * self.spent.mu
        room = self.cap.mu * self.cap.mu - self.after.mu * self.after.mu
        if step <= 0.0 or not math.isfinite(step) or not math.isfinite(room / step):
            return None
        return max(0, math.floor(room / step * (1 + 1e-12)))


def cap_of(model: TrainedModel, policy: Policy) -> Cap:
    """The model's cap; where none is fixed yet, the one that its first proposal fixes from this policy."""
    row = BudgetCap.objects.filter(model=model).first()
    if row is not None:
        return Cap(mu=row.mu, delta=row.delta, fixed=True)
    delta = policy.body["claim"]["delta"]
    return Cap(mu=mu_for(epsilon=policy.body["bounds"]["b_epsilon"], delta=delta), delta=delta, fixed=False)


def next_cost(checkpoint: Checkpoint, policy: Policy, *, release: str = "") -> NextCost | None:
    """What publishing this checkpoint costs; of a release already published, what it did. None without a ledger."""
    if checkpoint.ledger is None:
        return None
    ledger = before(Ledger.from_dict(checkpoint.ledger), release)
    found = price_next_release(ledger)
    others = [published(line) for line in lines_of(checkpoint.model) if checkpoint not in line.checkpoints]
    return NextCost(
        spent=jointly([found.spent, *others]),
        after=jointly([found.after, *others]),
        cap=cap_of(checkpoint.model, policy),
    )


def before(ledger: Ledger, release: str) -> Ledger:
    """The ledger as it was when a release was proposed."""
    at = [n for n, event in enumerate(ledger.events) if isinstance(event, Released) and event.release == release]
    return replace(ledger, events=ledger.events[: at[0]]) if at else ledger


def published(line: Line) -> GdpBound:
    """What another line of the same model has published: B of somebody who was in it all the time."""
    if line.ledger is not None:
        return price_next_release(line.ledger).spent
    return GdpBound(math.inf if any(is_public(checkpoint) for checkpoint in line.checkpoints) else 0.0)


def is_public(checkpoint: Checkpoint) -> bool:
    """Published here, or brought from elsewhere, where nobody knows who holds it."""
    release = getattr(checkpoint, "release", None)
    return checkpoint.run.declared or (release is not None and release.published_at is not None)
