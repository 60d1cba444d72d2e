"""Deletion or retraining: a pure function of public facts, so that an auditor can recompute the choice (H9).

Every input is a ledger, a count, a constant or a price fixed beforehand; no loss, verdict or watched run time may
enter. Retraining wins when it is cheaper or equal.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

from unlearning.accounting.errors import AccountingError, Code
from unlearning.accounting.events import Deleted, DrawDiscarded, Event, Retrained, Steps
from unlearning.accounting.exposures import ChosenByRows, Kept, MeasurementShown, Vetoed
from unlearning.accounting.gdp import mu_for
from unlearning.accounting.inverses import DeletionSteps, fewest_steps
from unlearning.accounting.ledger import Ledger
from unlearning.accounting.pricing import price_next_release
from unlearning.accounting.stays import Stay
from unlearning.accounting.strict_json import malformed, require_count, require_number
from unlearning.accounting.timeline import View, view

Regime = Literal["per_record", "joint"]
Route = Literal["certified.delete", "retrain", "withdraw"]
_PLANNED = "planned"


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """Seconds, measured beforehand and fixed. Verification is part of each route's cost."""

    row_gradient_s: float
    delete_fixed_s: float
    retrain_fixed_s: float
    delete_verification_s: float
    retrain_verification_s: float

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if require_number(value, where=f"prices.{name}") < 0.0:
                raise malformed(f"Expected prices.{name} >= 0, got {value}.")


@dataclass(frozen=True, kw_only=True)
class PlanInputs:
    """The public facts of one plan. `ledger` is the model's, before this batch; `rows_per_person` the most of anyone.

    regime: certify each person alone (`per_record`: all their rows together) or the whole batch at once (`joint`).
    epsilon, delta: the target for A. cap_epsilon: the cap on B, at the same delta. steps_learn: K_A of a retraining.
    Raises: LEDGER_MALFORMED, NOT_FINITE.
    """

    ledger: Ledger
    batch_rows: int
    rows_per_person: int
    regime: Regime
    epsilon: float
    delta: float
    cap_epsilon: float
    steps_learn: int
    prices: PriceList

    def __post_init__(self) -> None:
        for name in ("batch_rows", "rows_per_person", "steps_learn"):
            require_count(getattr(self, name), where=f"plan.{name}", least=1)
        for name in ("epsilon", "delta", "cap_epsilon"):
            require_number(getattr(self, name), where=f"plan.{name}")
        if self.regime not in get_args(Regime):
            raise malformed(f"Expected regime per_record or joint, got {self.regime!r}.")

    @property
    def rows(self) -> int:
        """Rows in the model now."""
        return self.ledger.rows

    @property
    def rows_left(self) -> int:
        """Rows after this batch."""
        return self.rows - self.batch_rows

    @property
    def judged_together(self) -> int:
        """The group of the claim."""
        return self.batch_rows if self.regime == "joint" else self.rows_per_person


@dataclass(frozen=True, kw_only=True)
class PlanChoice:
    """The route, both costs, and what publishing its result would bring B to for those who stay.

    `reaches_epsilon` is None when kept state or a veto leaves no finite one.
    `steps` is K_D or K_A; `delete_steps` is None when no number of steps serves, and `code` then says why.
    `within_cap` speaks of publishing only: deletion, retraining and withdrawal are never refused by the cap.
    """

    route: Route
    steps: int
    delete_steps: int | None
    delete_cost_s: float | None
    retrain_cost_s: float | None
    reaches_epsilon: float | None
    next_release_epsilon: float | None
    within_cap: bool
    code: Code | None
    reason: str


def choose(inputs: PlanInputs) -> PlanChoice:
    """The cheaper route that meets the target. Same inputs, same choice, on every machine.

    Raises: DELTA_OUT_OF_RANGE, TARGET_OUT_OF_RANGE for a target that is none; other refusals come back as `code`.
    """
    mu_for(epsilon=inputs.epsilon, delta=inputs.delta)  # refuses a target that is none
    if inputs.rows_left < 1:
        return _withdraw(inputs)
    try:
        found = _fewest_deletion_steps(inputs)
    except AccountingError as refusal:
        return _retrain(inputs, found=None, code=refusal.code, why=refusal.message)
    delete_cost, retrain_cost = _delete_cost(inputs, found.steps), _retrain_cost(inputs)
    if retrain_cost <= delete_cost:
        why = f"{found.steps} deletion steps would cost {delete_cost:.6g} s, this {retrain_cost:.6g} s."
        return _retrain(inputs, found=found, code=None, why=why)
    return _delete(inputs, found)


def _fewest_deletion_steps(inputs: PlanInputs) -> DeletionSteps:
    """The inverse of the same pricing that will judge the ledger afterwards, so the two cannot disagree."""
    if inputs.ledger.problem.assumption == "none":
        raise AccountingError("NO_CONTRACTION", "Without an assumption steps buy nothing.", "Retrain.")

    def planned(steps: int) -> View:
        events = _after(inputs, Steps(steps=steps, job=_PLANNED)).events
        return view(inputs.ledger.problem, events, stays=_judged(inputs))

    left = inputs.delta - planned(1).reserve
    if left <= 0.0:
        raise AccountingError("TARGET_OUT_OF_RANGE", "Vetoes took all of delta.", "No number of steps gives it back.")
    target_mu = mu_for(epsilon=inputs.epsilon, delta=left)
    found = fewest_steps(lambda steps: planned(steps).a.mu, target_mu=target_mu)
    return replace(found, reserve=planned(1).reserve)


def _judged(inputs: PlanInputs) -> tuple[Stay, ...]:
    return (Stay(rows=inputs.judged_together, left=_PLANNED),)


def _after(inputs: PlanInputs, run: Steps | Retrained) -> Ledger:
    return inputs.ledger.then(Deleted(records=inputs.batch_rows, batch=_PLANNED), run)


def _delete(inputs: PlanInputs, found: DeletionSteps) -> PlanChoice:
    after = _next_release(inputs, Steps(steps=found.steps, job=_PLANNED))
    delete_cost, retrain_cost = _delete_cost(inputs, found.steps), _retrain_cost(inputs)
    share = 100.0 * found.steps / inputs.steps_learn
    return PlanChoice(
        route="certified.delete",
        steps=found.steps,
        delete_steps=found.steps,
        delete_cost_s=delete_cost,
        retrain_cost_s=retrain_cost,
        reaches_epsilon=found.epsilon(inputs.delta),
        next_release_epsilon=after,
        within_cap=after is not None and after <= inputs.cap_epsilon,
        code=None,
        reason=f"Deletion reaches epsilon {inputs.epsilon:g} in {found.steps} steps, {share:.0f} % of a retraining's "
        f"{inputs.steps_learn}, and costs {delete_cost:.6g} s against {retrain_cost:.6g} s.",
    )


def _retrain(inputs: PlanInputs, *, found: DeletionSteps | None, code: Code | None, why: str) -> PlanChoice:
    after = _next_release(inputs, Retrained(steps=inputs.steps_learn, job=_PLANNED))
    return PlanChoice(
        route="retrain",
        steps=inputs.steps_learn,
        delete_steps=found.steps if found else None,
        delete_cost_s=_delete_cost(inputs, found.steps) if found else None,
        retrain_cost_s=_retrain_cost(inputs),
        reaches_epsilon=_left_by_retraining(inputs),
        next_release_epsilon=after,
        within_cap=after is not None and after <= inputs.cap_epsilon,
        code=code,
        reason=f"Retraining on the rows that are left: {why}",
    )


def _left_by_retraining(inputs: PlanInputs) -> float | None:
    """A of a new line: nothing, but for what was kept, chosen or shown of the old one."""
    if not any(_outlives_a_line(event) for event in inputs.ledger.events):
        return 0.0
    events = _after(inputs, Retrained(steps=inputs.steps_learn, job=_PLANNED)).events
    try:
        epsilon = view(inputs.ledger.problem, events, stays=_judged(inputs)).a.epsilon(inputs.delta)
    except AccountingError:  # the group is everybody: no bound at all
        return None
    return epsilon if math.isfinite(epsilon) else None


def _outlives_a_line(event: Event) -> bool:
    if isinstance(event, DrawDiscarded):
        return event.seen or event.cause == "looked"
    return isinstance(event, Kept | Vetoed | ChosenByRows | MeasurementShown)


def _withdraw(inputs: PlanInputs) -> PlanChoice:
    return PlanChoice(
        route="withdraw",
        steps=0,
        delete_steps=None,
        delete_cost_s=None,
        retrain_cost_s=None,
        reaches_epsilon=0.0,
        next_release_epsilon=None,
        within_cap=True,
        code="EMPTY_DATASET_AFTER_DELETION",
        reason=f"The batch removes {inputs.batch_rows} of {inputs.rows} rows: nothing is left to learn from.",
    )


def _rows_a_step(inputs: PlanInputs) -> int:
    batch = inputs.ledger.problem.batch
    return inputs.rows_left if batch is None else min(batch, inputs.rows_left)


def _delete_cost(inputs: PlanInputs, steps: int) -> float:
    prices = inputs.prices
    return steps * _rows_a_step(inputs) * prices.row_gradient_s + prices.delete_fixed_s + prices.delete_verification_s


def _retrain_cost(inputs: PlanInputs) -> float:
    prices = inputs.prices
    return (
        inputs.steps_learn * _rows_a_step(inputs) * prices.row_gradient_s
        + prices.retrain_fixed_s
        + prices.retrain_verification_s
    )


def _next_release(inputs: PlanInputs, run: Steps | Retrained) -> float | None:
    """Epsilon of B, for a person who stays, once the result of `run` is published; None when it has no finite value."""
    if inputs.rows_per_person >= inputs.rows_left:
        return None  # one person would be the whole data set
    epsilon = price_next_release(_after(inputs, run), group=inputs.rows_per_person).after.epsilon(inputs.delta)
    return epsilon if math.isfinite(epsilon) else None
