"""The accountant, asked again: the only file here that knows `unlearning.accounting`."""

from __future__ import annotations

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
