"""One person over every model that ever held them: B and A jointly (guarantees.md H6)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from unlearning.accounting.gdp import GdpBound, require_delta
from unlearning.accounting.ledger import Ledger
from unlearning.accounting.pricing import ACCOUNTANT, Price, bound_json, compared_worlds, price
from unlearning.accounting.stays import Stay


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What one model held of the person: its ledger (None: no certificate), and the arguments of `price`."""

    ledger: Ledger | None
    group: int | None = None
    batch: str | None = None
    stays: tuple[Stay, ...] | None = None

    def price(self, delta: float) -> Price | None:
        """The model's own price. Raises: as `price`."""
        if self.ledger is None:
            return None
        return price(self.ledger, delta=delta, group=self.group, batch=self.batch, stays=self.stays)


@dataclass(frozen=True, kw_only=True)
class SubjectPrice:
    """The joint bounds of one person. `prices` are the models' own, None for one without a ledger."""

    a: GdpBound
    b: GdpBound
    b_before: GdpBound
    delta: float
    prices: tuple[Price | None, ...]

    @property
    def adjacency(self) -> str:
        """The adjacency whose words hold for the joint number: `zero_out` once one model compares with absence."""
        kinds = {one.adjacency for one in self.prices if one is not None}
        return next((kind for kind in ("zero_out", "remove") if kind in kinds), "replace")

    def to_json(self) -> dict[str, Any]:
        """The joint bounds as plain JSON, the models' own beside them."""
        bounds = {"b": self.b, "b_before": self.b_before, "a": self.a}
        facts: dict[str, Any] = {
            "accountant": ACCOUNTANT,
            "delta": self.delta,
            "adjacency": self.adjacency,
            "compares": compared_worlds(self.adjacency),
            "models": [None if one is None else one.to_json() for one in self.prices],
        }
        if self.b.reserve:
            facts["delta_reserve"] = self.b.reserve
        return facts | {name: bound_json(bound, self.delta, self.adjacency) for name, bound in bounds.items()}


def subject_price(held: Sequence[Holding | Ledger | None], *, delta: float) -> SubjectPrice:
    """B, B before and A of one person over all models that held their rows; a bare ledger means `Holding(ledger=it)`.

    Models are drawn with noise of their own, so squares of mu add, also when a request to one was phrased after seeing
    another (adaptive composition); reserves of vetoes add. A model without a ledger has no bound: infinite. Epsilons
    are never added. Raises: as `price`.
    """
    require_delta(delta)
    holdings = [one if isinstance(one, Holding) else Holding(ledger=one) for one in held]
    prices = tuple(holding.price(delta) for holding in holdings)
    return SubjectPrice(
        a=together([one.a if one else None for one in prices]),
        b=together([one.b if one else None for one in prices]),
        b_before=together([one.b_before if one else None for one in prices]),
        delta=delta,
        prices=prices,
    )


def together(bounds: Iterable[GdpBound | None]) -> GdpBound:
    """One bound for an attacker who holds all of them, each drawn with noise of its own: squares of mu add
    (guarantees, section 4), reserves add, epsilons never. None is a model that nobody bounded: infinite.
    """
    known = []
    for bound in bounds:
        if bound is None:
            return GdpBound(math.inf)
        known.append(bound)
    mu = math.hypot(*(bound.mu for bound in known))
    return GdpBound(mu, reserve=math.fsum(bound.reserve for bound in known))
