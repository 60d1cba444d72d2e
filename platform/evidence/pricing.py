"""The accountant, asked again: the only file here that knows `unlearning.accounting`."""

from __future__ import annotations

import math
from collections.abc import Iterable

from evidence.canonical import Json


class PricingError(ValueError):
    """The ledger has no price, or the accountant is not here; the message says which and what to do."""


def recompute(ledger: Json, *, delta: float, group: int, batch: str | None) -> Json:
    """What a ledger costs: {"a": {"mu", "epsilon"}, "b": .., "b_before": .., "adjacency", "assumption"}.

    Raises:
        PricingError: the accountant refuses the ledger, or cannot be imported.
    """
    try:
        from unlearning.accounting import AccountingError, Ledger, price
    except ImportError as error:
        raise PricingError("the accountant is not installed; use the verifier's single file") from error
    try:
        found = price(Ledger.from_dict(ledger), delta=delta, group=group, batch=batch).to_json()
    except (AccountingError, ArithmeticError) as error:
        raise PricingError(str(error)) from error
    return found


def line_bounds(ledger: Json, *, group: int, batch: str | None) -> tuple[float, float]:
    """(A, B) as mu, of a person with `group` rows in another line of releases.

    batch: the deletion that took the rows out; None while they are still in it. Then all of the line counts as
    published, for A too: what a later deletion will lower is not lowered yet.

    Raises:
        PricingError: the accountant refuses the ledger or has no such deletion, or cannot be imported.
    """
    try:
        from unlearning.accounting import AccountingError, Ledger, price, price_next_release
    except ImportError as error:
        raise PricingError("the accountant is not installed; use the verifier's single file") from error
    try:
        known = Ledger.from_dict(ledger)
        if batch is None:
            still_in = price_next_release(known, group=group).after.mu
            return still_in, still_in
        found = price(known, delta=0.5, group=group, batch=batch)  # mu does not depend on delta
    except (AccountingError, ArithmeticError) as error:
        raise PricingError(str(error)) from error
    return found.a.mu, found.b.mu


def jointly(bounds: Iterable[float]) -> float:
    """One mu for an attacker who holds all of them: the squares add (guarantees, section 4), never the epsilons."""
    return math.sqrt(math.fsum(mu * mu for mu in bounds))


def numbers_of(mu: float, *, delta: float | None) -> dict[str, float | None]:
    """mu and its epsilon; null where a number is infinite (or has no delta to be said at), as JSON has no infinity."""
    from unlearning.accounting import GdpBound

    if not math.isfinite(mu):
        return {"mu": None, "epsilon": None}
    if mu == 0.0:
        return {"mu": 0.0, "epsilon": 0.0}
    epsilon = GdpBound(mu).epsilon(delta) if delta is not None else math.inf
    return {"mu": mu, "epsilon": epsilon if math.isfinite(epsilon) else None}


def plan_differences(plan: Json) -> list[str]:
    """The fields of a plan's choice that do not follow from its inputs.

    Raises:
        PricingError: the accountant refuses the plan, or cannot be imported.
    """
    try:
        from unlearning.accounting.errors import AccountingError
        from unlearning.accounting.plan_file import Plan
    except ImportError as error:
        raise PricingError("the accountant is not installed; use the verifier's single file") from error
    try:
        return Plan.from_dict(plan).differences()
    except (AccountingError, ArithmeticError) as error:
        raise PricingError(str(error)) from error
