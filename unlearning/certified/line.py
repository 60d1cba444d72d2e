"""One line of models: trained once, then changed by deletions and insertions under constants that never change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from unlearning.accounting import (
    AccountingError,
    Deleted,
    DrawDiscarded,
    Event,
    Inserted,
    Ledger,
    PlanChoice,
    PlanInputs,
    PriceList,
    Released,
    Retrained,
    Steps,
    Trained,
    choose,
    price,
)
from unlearning.certified.problem import constants_from_params, problem_from_params
from unlearning.certified.requests import RequestRefused
from unlearning.certified.store import Store
from unlearning.linear import Preparation

Floats = npt.NDArray[np.float64]
# Called with a phase and its number of steps; gives what is called after each.
Watch = Callable[[str, int], Callable[[int], None]]
_STEPS_ONLY = PriceList(
    row_gradient_s=1.0,
    delete_fixed_s=0.0,
    retrain_fixed_s=0.0,
    delete_verification_s=0.0,
    retrain_verification_s=0.0,
)
_NO_CAP = 1e300


@dataclass(frozen=True)
class Line:
    """Everything that lives on: public constants, ledger, the published weights, and the rows that are still here.

    theta holds float32 values: what was published is all there is, so the next run starts from a public point.
    Frozen: a call that fails has changed nothing. Pickling leaves the rows out; they are nobody's model.
    """

    params: dict[str, Any]
    preparation: Preparation
    ledger: Ledger
    theta: Floats
    store: Store | None = field(default=None, compare=False)
    cancelled: int = 0
    device: str = "cpu"
    used_slots: int = 0
    had_subjects: bool = False

    def without_rows(self) -> Line:
        """The same line for somebody who has none of its rows."""
        return replace(self, store=None, used_slots=self.next_slot, had_subjects=self.with_subjects)

    def __getstate__(self) -> dict[str, Any]:
        return self.without_rows().__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    @property
    def next_slot(self) -> int:
        """One above the highest slot ever used, also while the rows are away."""
        return self.used_slots if self.store is None else self.store.next_slot

    @property
    def with_subjects(self) -> bool:
        """Whether it was said whose rows they are, also while the rows are away."""
        return self.had_subjects if self.store is None else bool(self.store.subject_of)

    @property
    def rows(self) -> Store:
        """The rows. Raises: RequestRefused with ROWS_MISSING."""
        if self.store is None:
            raise RequestRefused(
                "ROWS_MISSING",
                "this classifier was loaded, and rows are never saved with a model.",
                "Give the rows that are still in it back with give_rows().",
            )
        return self.store


def trained(params: dict[str, Any], preparation: Preparation, store: Store, *, device: str, watch: Watch) -> Line:
    """The first model of a line, from zero, which knows no data. Raises: Refused, AccountingError."""
    ledger = Ledger(problem=problem_from_params(params, preparation), events=())
    features = len(preparation.scales) + 1
    line = Line(params, preparation, ledger, np.zeros((preparation.outputs, features)), store, device=device)
    run = Trained(steps=params["steps"], job="first")
    return _after(line, store, (), run, start=line.theta, phase="training", watch=watch)


def planned(line: Line, records: int, *, epsilon: float, delta: float) -> PlanChoice:
    """Fewest deletion steps for A <= epsilon, or retraining with the same noise when that is no longer.

    Raises: AccountingError, EMPTY_DATASET_AFTER_DELETION among its codes.
    """
    choice = choose(
        PlanInputs(
            ledger=line.ledger.then(*_cancelled_draws(line)),
            batch_rows=records,
            rows_per_person=line.params["contribution_cap"],
            regime="per_record",
            epsilon=float(epsilon),
            delta=float(delta),
            cap_epsilon=_NO_CAP,
            steps_learn=line.params["steps"],
            prices=_STEPS_ONLY,
        )
    )
    if choice.route == "withdraw" or line.ledger.rows - records <= line.params["contribution_cap"]:
        raise AccountingError(
            "EMPTY_DATASET_AFTER_DELETION",
            f"Expected more than {line.params['contribution_cap']} rows to stay, got {line.ledger.rows - records}.",
            "Destroy the model instead.",
        )
    return choice


def deleted(line: Line, slots: list[int], choice: PlanChoice, *, delta: float, watch: Watch) -> Line:
    """The line after these rows left and the chosen steps were taken. Raises: Refused, AccountingError."""
    name = _next_name(line.ledger, Deleted)
    store = line.rows.without(slots)
    gone = Deleted(records=len(slots), batch=name)
    run: Event = Steps(steps=choice.steps, job=name)
    start = line.theta
    if choice.route == "retrain":
        run, start = Retrained(steps=choice.steps, job=name), np.zeros_like(line.theta)
    price(line.ledger.then(gone, run), delta=delta)  # what cannot be priced is refused before a step is taken
    return _after(line, store, (gone,), run, start=start, phase="deleting", watch=watch)


def inserted(line: Line, store: Store, records: int, *, steps: int, watch: Watch) -> Line:
    """The line after new rows came and `steps` steps were taken. Raises: Refused, AccountingError."""
    name = _next_name(line.ledger, Inserted)
    came = Inserted(records=records, batch=name)
    return _after(line, store, (came,), Steps(steps=steps, job=name), start=line.theta, phase="inserting", watch=watch)


def cancelled(line: Line) -> Line:
    """The same line, one more draw from its present start on the ledger's next run (guarantees H4)."""
    return replace(line, cancelled=line.cancelled + 1)


def _after(
    line: Line, store: Store, edits: tuple[Event, ...], run: Any, *, start: Floats, phase: str, watch: Watch
) -> Line:
    from unlearning.certified.learn import descend  # torch takes two seconds to load: refuse first

    release = sum(isinstance(event, Released) for event in line.ledger.events) + 1
    ledger = line.ledger.then(*edits, *_cancelled_draws(line), run, Released(release=f"model-{release}"))
    theta = descend(
        start,
        store.parts,
        loss=line.params["loss"],
        constants=constants_from_params(line.params | {"steps": run.steps}),
        after_step=watch(phase, run.steps),
        device=line.device,
    )
    published = theta.astype(np.float32).astype(np.float64)
    return replace(line, ledger=ledger, theta=published, store=store, cancelled=0)


def _cancelled_draws(line: Line) -> tuple[Event, ...]:
    return tuple(DrawDiscarded(attempt=number, cause="cancelled") for number in range(1, line.cancelled + 1))


def _next_name(ledger: Ledger, kind: type[Event]) -> str:
    return f"{kind.event}-{sum(isinstance(event, kind) for event in ledger.events) + 1}"
