"""The accountant, asked again: the only file here that knows `unlearning.accounting`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evidence.canonical import Json

if TYPE_CHECKING:
    from unlearning.accounting import GdpBound


class PricingError(ValueError):
    """The ledger has no price, or the accountant is not here; the message says which and what to do."""


@contextmanager
def _asking() -> Iterator[None]:
    """Inside, the accountant can be imported; what it refuses, or that it is not here, comes out as a PricingError."""
    try:
        from unlearning.accounting import AccountingError
    except ImportError as error:
        raise PricingError("the accountant is not installed; use the verifier's single file") from error
    try:
        yield
    except (AccountingError, ArithmeticError) as error:
        raise PricingError(str(error)) from error


def recompute(ledger: Json, *, delta: float, group: int, batch: str | None) -> Json:
    """What a ledger costs: {"a": {"mu", "epsilon"}, "b": .., "b_before": .., "adjacency", "assumption"}.

    Raises:
        PricingError: the accountant refuses the ledger, or cannot be imported.
    """
    with _asking():
        from unlearning.accounting import Ledger, price

        return price(Ledger.from_dict(ledger), delta=delta, group=group, batch=batch).to_json()


def line_bounds(ledger: Json, *, group: int, batch: str | None) -> tuple[GdpBound, GdpBound]:
    """(A, B) of a person with `group` rows in another line of releases.

    batch: the deletion that took the rows out; None while they are still in it. Then all of the line counts as
    published, for A too: what a later deletion will lower is not lowered yet.

    Raises:
        PricingError: the accountant refuses the ledger or has no such deletion, or cannot be imported.
    """
    if batch is not None:
        return own_bounds(ledger, group=group, batch=batch)
    with _asking():
        from unlearning.accounting import Ledger, price_next_release

        still_in = price_next_release(Ledger.from_dict(ledger), group=group).after
    return still_in, still_in


def own_bounds(ledger: Json, *, group: int, batch: str | None) -> tuple[GdpBound, GdpBound]:
    """(A, B) of the line that a certificate is about; without a batch, of its last deletion. Raises: PricingError."""
    with _asking():
        from unlearning.accounting import Ledger, price

        found = price(Ledger.from_dict(ledger), delta=0.5, group=group, batch=batch)  # bounds do not depend on delta
    return found.a, found.b


def jointly(bounds: Iterable[GdpBound]) -> GdpBound:
    """One bound for an attacker who holds all of them, as the accountant composes them."""
    from unlearning.accounting import together

    return together(bounds)


def bound_of(mu: float | None) -> GdpBound:
    """A bound as a document says it; null is none at all."""
    from unlearning.accounting import GdpBound

    return GdpBound(math.inf if mu is None else float(mu))


def numbers_of(bound: GdpBound, *, delta: float | None) -> dict[str, float | None]:
    """mu and epsilon; null where a number is infinite (or has no delta to be said at), as JSON has no infinity."""
    if not math.isfinite(bound.mu):
        return {"mu": None, "epsilon": None}
    if bound.mu == 0.0 and not bound.reserve:
        return {"mu": 0.0, "epsilon": 0.0}
    epsilon = bound.epsilon(delta) if delta is not None else math.inf
    return {"mu": bound.mu, "epsilon": epsilon if math.isfinite(epsilon) else None}


def plan_differences(plan: Json) -> list[str]:
    """The fields of a plan's choice that do not follow from its inputs.

    Raises:
        PricingError: the accountant refuses the plan, or cannot be imported.
    """
    with _asking():
        from unlearning.accounting import Plan

        return Plan.from_dict(plan).differences()
