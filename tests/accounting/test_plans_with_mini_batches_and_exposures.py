"""The plan over ledgers of the second kind: mini-batches, insertions, kept state and vetoes."""

import math
from typing import Any

import pytest

from unlearning.accounting import (
    CheckpointKept,
    ChosenByRows,
    Deleted,
    Destroyed,
    Event,
    Inserted,
    Ledger,
    Plan,
    PlanInputs,
    PriceList,
    Released,
    Steps,
    Trained,
    Vetoed,
    choose,
    price,
    recommend,
)

PRICES = PriceList(
    row_gradient_s=1e-6,
    delete_fixed_s=0.5,
    retrain_fixed_s=0.5,
    delete_verification_s=2.0,
    retrain_verification_s=2.0,
)


def inputs(*more: Event, batch: int | None = None, **changes: Any) -> PlanInputs:
    sized = recommend(n=2000, features=31, classes=2, epsilon=2.0, delta=1e-5, batch=batch)
    events = (Trained(steps=sized.steps_learn, job="job_1"), Released(release="rel_1"), *more)
    plain: dict[str, Any] = {
        "ledger": Ledger(problem=sized.problem, events=events),
        "batch_rows": 3,
        "rows_per_person": 1,
        "regime": "per_record",
        "epsilon": 0.2,
        "delta": 1e-5,
        "cap_epsilon": 8.0,
        "steps_learn": sized.steps_learn,
        "prices": PRICES,
    }
    return PlanInputs(**{**plain, **changes})


def test_a_step_of_a_mini_batch_is_paid_for_its_own_rows_and_meets_the_target_in_the_ledger() -> None:
    asked = inputs(batch=500)
    choice = choose(asked)
    assert choice.delete_cost_s == pytest.approx(choice.delete_steps * 500e-6 + 2.5)  # type: ignore[operator]
    assert choice.retrain_cost_s == pytest.approx(asked.steps_learn * 500e-6 + 2.5)
    for steps, meets in ((choice.steps, True), (choice.steps - 1, False)):
        done = asked.ledger.then(Deleted(records=3, batch="d"), Steps(steps=steps, job="d"))
        assert (price(done, delta=1e-5).a.epsilon(1e-5) <= 0.2) is meets
    plan = Plan.made(asked)
    assert Plan.from_json(plan.to_json()) == plan and plan.differences() == []


def test_rows_that_came_are_there_to_be_paid_for() -> None:
    fewer = inputs(Deleted(records=10, batch="d"))
    again = inputs(Deleted(records=10, batch="d"), Inserted(records=4, batch="i"))
    assert (fewer.rows, again.rows, again.rows_left) == (1990, 1994, 1991)


@pytest.mark.parametrize("batch", [None, 500])
def test_a_checkpoint_that_was_kept_leaves_no_route_that_reaches_the_target(batch: int | None) -> None:
    choice = choose(inputs(CheckpointKept(job="job_1"), batch=batch))
    assert (choice.route, choice.code, choice.delete_steps) == ("retrain", "TARGET_OUT_OF_RANGE", None)
    assert choice.reaches_epsilon == pytest.approx(2.0, rel=1e-6)
    destroyed = (CheckpointKept(job="job_1"), Destroyed(at="2026-11-20T23:00:00Z"))
    assert choose(inputs(*destroyed, batch=batch)) == choose(inputs(batch=batch))  # it had been published anyway


def test_vetoes_make_deletions_longer_or_impossible_never_shorter() -> None:
    plain, once = choose(inputs()), choose(inputs(Vetoed(alpha=9e-6, gate="g")))
    assert once.route == "certified.delete" and once.steps > plain.steps and once.reaches_epsilon is not None
    assert once.reaches_epsilon <= 0.2
    spent = choose(inputs(Vetoed(alpha=1e-5, gate="g")))
    assert (spent.code, spent.reaches_epsilon, spent.next_release_epsilon) == ("TARGET_OUT_OF_RANGE", None, None)
    assert not spent.within_cap


def test_a_choice_by_rows_leaves_no_finite_epsilon_on_any_route_and_the_plan_still_survives_json() -> None:
    plan = Plan.made(inputs(ChosenByRows(choice="best of five")))
    assert (plan.choice.route, plan.choice.reaches_epsilon) == ("retrain", None)
    assert Plan.from_json(plan.to_json()) == plan and plan.differences() == []


def test_a_group_that_is_everybody_has_no_bound_to_reach() -> None:
    choice = choose(inputs(Vetoed(alpha=1e-6, gate="g"), regime="joint", batch_rows=1999))
    assert choice.route in ("certified.delete", "retrain") and choice.next_release_epsilon is None
    assert choice.reaches_epsilon is None or math.isfinite(choice.reaches_epsilon)
