"""The plan: a pure function of public facts that an auditor recomputes, and the demo's two branches."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest
import rfc8785

from unlearning.accounting import (
    AccountingError,
    Deleted,
    DrawDiscarded,
    Ledger,
    Plan,
    PlanInputs,
    PriceList,
    Released,
    Retrained,
    Steps,
    Trained,
    choose,
    learning_privacy,
    price,
    price_next_release,
    recommend,
)
from unlearning.accounting.gdp import mu_for

# Equal fixed costs: the choice is then that of the step counts.
EVEN = PriceList(
    row_gradient_s=1e-6,
    delete_fixed_s=0.5,
    retrain_fixed_s=0.5,
    delete_verification_s=2.0,
    retrain_verification_s=2.0,
)


def breast_cancer(*, epsilon_dp: float, **changes: Any) -> PlanInputs:
    """The demo: 569 rows, 12 asked, lam = .01 and eta = 2/(2 lam + beta), which learn in 41 steps."""
    fitted = recommend(n=569, features=31, classes=2, epsilon=epsilon_dp, delta=1e-5)
    ledger = Ledger(
        problem=fitted.problem,
        events=(Trained(steps=fitted.steps_learn, job="job_1"), Released(release="rel_1")),
    )
    inputs: dict[str, Any] = {
        "ledger": ledger,
        "batch_rows": 12,
        "rows_per_person": 1,
        "regime": "per_record",
        "epsilon": 0.5,
        "delta": 1e-5,
        "cap_epsilon": 8.0,
        "steps_learn": fitted.steps_learn,
        "prices": EVEN,
    }
    return PlanInputs(**{**inputs, **changes})


@pytest.mark.parametrize(
    ("epsilon_dp", "regime", "epsilon", "share", "route"),
    [
        (1.0, "per_record", 0.5, 0.19, "certified.delete"),
        (3.0, "per_record", 0.5, 0.50, "certified.delete"),
        (8.0, "per_record", 0.5, 0.74, "certified.delete"),
        (1.0, "joint", 1.0, 0.82, "certified.delete"),
        (3.0, "joint", 1.0, 1.12, "retrain"),
        (8.0, "joint", 1.0, 1.37, "retrain"),
    ],
)
def test_the_demo_shows_both_branches_at_the_shares_of_the_reference(
    epsilon_dp: float, regime: Any, epsilon: float, share: float, route: str
) -> None:
    inputs = breast_cancer(epsilon_dp=epsilon_dp, regime=regime, epsilon=epsilon)
    choice = choose(inputs)
    assert choice.route == route
    assert choice.delete_steps is not None
    assert choice.delete_steps / inputs.steps_learn == pytest.approx(share, abs=0.05)


def test_the_chosen_steps_meet_the_target_in_the_ledger_they_lead_to() -> None:
    inputs = breast_cancer(epsilon_dp=1.0)
    choice = choose(inputs)
    for steps, meets in ((choice.steps, True), (choice.steps - 1, False)):
        done = inputs.ledger.then(Deleted(records=12, batch="job_2"), Steps(steps=steps, job="job_2"))
        assert (price(done, delta=1e-5).a.epsilon(1e-5) <= 0.5) is meets
    assert choice.next_release_epsilon == price_next_release(
        inputs.ledger.then(Deleted(records=12, batch="job_2"), Steps(steps=choice.steps, job="job_2"))
    ).after.epsilon(1e-5)


def test_over_a_grid_of_settings_the_choice_is_the_cheaper_of_both_routes() -> None:
    routes = set()
    for epsilon_dp in (1.0, 3.0):
        for epsilon in (0.05, 0.3, 0.9):
            for rows in (1, 4, 12, 40, 120):
                inputs = breast_cancer(epsilon_dp=epsilon_dp, regime="joint", epsilon=epsilon, batch_rows=rows)
                choice = choose(inputs)
                assert choice.delete_cost_s is not None and choice.retrain_cost_s is not None
                cheaper = "certified.delete" if choice.delete_cost_s < choice.retrain_cost_s else "retrain"
                assert choice.route == cheaper
                routes.add(choice.route)
    assert routes == {"certified.delete", "retrain"}


def test_at_equal_cost_retraining_wins() -> None:
    inputs = breast_cancer(epsilon_dp=1.0)
    level = choose(inputs).steps
    assert choose(replace(inputs, steps_learn=level)).route == "retrain"
    assert choose(replace(inputs, steps_learn=level + 1)).route == "certified.delete"


def test_verification_is_part_of_the_cost() -> None:
    inputs = breast_cancer(epsilon_dp=1.0)
    dear = replace(inputs, prices=replace(EVEN, delete_verification_s=60.0))
    assert (choose(inputs).route, choose(dear).route) == ("certified.delete", "retrain")


def test_a_batch_that_leaves_nobody_withdraws_the_model() -> None:
    choice = choose(breast_cancer(epsilon_dp=1.0, batch_rows=569))
    assert (choice.route, choice.code) == ("withdraw", "EMPTY_DATASET_AFTER_DELETION")


def test_a_target_no_deletion_reaches_is_met_by_retraining() -> None:
    plain = breast_cancer(epsilon_dp=1.0)
    coarse = replace(plain.ledger, problem=replace(plain.ledger.problem, rho=1e-2))
    looked = plain.ledger.then(DrawDiscarded(attempt=1, cause="looked"))
    bare = replace(plain.ledger, problem=replace(plain.ledger.problem, assumption="none"))
    for ledger, code, reached in (
        (coarse, "TARGET_OUT_OF_RANGE", 0.0),
        (looked, "TARGET_OUT_OF_RANGE", None),  # as its price afterwards: infinite on every route
        (bare, "NO_CONTRACTION", 0.0),
    ):
        choice = choose(replace(plain, ledger=ledger))
        assert (choice.route, choice.code, choice.delete_steps) == ("retrain", code, None)
        assert choice.reaches_epsilon == reached


def test_the_cap_speaks_of_publishing_and_never_stops_the_deletion() -> None:
    choice = choose(breast_cancer(epsilon_dp=1.0, cap_epsilon=1.01))
    assert (choice.route, choice.within_cap) == ("certified.delete", False)
    assert choose(breast_cancer(epsilon_dp=1.0)).within_cap


def test_retraining_spends_more_of_the_budget_of_those_who_stay() -> None:
    inputs = breast_cancer(epsilon_dp=1.0)
    dear = replace(inputs, prices=replace(EVEN, delete_verification_s=60.0))
    delete, retrain = choose(inputs).next_release_epsilon, choose(dear).next_release_epsilon
    assert delete is not None and retrain is not None and delete < retrain


def test_one_person_left_has_no_publishable_price() -> None:
    choice = choose(breast_cancer(epsilon_dp=1.0, batch_rows=568))
    assert (choice.next_release_epsilon, choice.within_cap) == (None, False)


def test_a_retrained_line_forgets_the_steps_of_the_old_one() -> None:
    inputs = breast_cancer(epsilon_dp=1.0)
    again = inputs.ledger.then(
        Deleted(records=1, batch="job_2"), Retrained(steps=41, job="job_2"), Released(release="rel_2")
    )
    assert choose(replace(inputs, ledger=again)).steps == choose(inputs).steps


def test_the_plan_survives_canonical_json_and_recomputes() -> None:
    for inputs in (breast_cancer(epsilon_dp=1.0), breast_cancer(epsilon_dp=3.0, regime="joint", epsilon=1.0)):
        plan = Plan.made(inputs)
        assert Plan.from_json(plan.to_json()) == plan
        assert Plan.from_json(rfc8785.dumps(plan.to_dict())).differences() == []


@pytest.mark.parametrize(
    ("path", "value", "fields"),
    [
        (("choice", "route"), "retrain", {"route"}),
        (("choice", "steps"), 3, {"steps"}),
        (("choice", "steps"), "9", {"steps"}),
        (("inputs", "ledger", "problem", "sigma"), 1.0, {"steps"}),
        (("inputs", "prices", "row_gradient_s"), 1.0, {"delete_cost_s"}),
        (("inputs", "epsilon"), 0.1, {"steps", "reaches_epsilon"}),
    ],
)
def test_a_forged_plan_is_told_apart_by_the_fields_that_differ(
    path: tuple[str, ...], value: Any, fields: set[str]
) -> None:
    forged = json.loads(Plan.made(breast_cancer(epsilon_dp=1.0)).to_json())
    inner = forged
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert fields <= set(Plan.from_json(json.dumps(forged)).differences())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"epsilon": 0.0}, "TARGET_OUT_OF_RANGE"),
        ({"delta": 0.0}, "DELTA_OUT_OF_RANGE"),
        ({"epsilon": math.nan}, "NOT_FINITE"),
        ({"regime": "nobody"}, "LEDGER_MALFORMED"),
        ({"batch_rows": 0}, "LEDGER_MALFORMED"),
        ({"steps_learn": 1.5}, "LEDGER_MALFORMED"),
    ],
)
def test_a_plan_from_unsound_facts_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(AccountingError) as refusal:
        choose(breast_cancer(epsilon_dp=1.0, **change))
    assert refusal.value.code == code


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(AccountingError) as refusal:
        replace(EVEN, row_gradient_s=-1.0)
    assert refusal.value.code == "LEDGER_MALFORMED"


@pytest.mark.parametrize("step_size", ["best", "safe"])
@pytest.mark.parametrize("loss", ["binary", "softmax"])
@pytest.mark.parametrize("cap", [1, 3])
def test_recommended_constants_give_the_epsilon_asked_for(step_size: Any, loss: Any, cap: int) -> None:
    fitted = recommend(
        n=569,
        features=31,
        classes=2,
        epsilon=1.0,
        delta=1e-5,
        loss=loss,
        step_size=step_size,
        contribution_cap=cap,
    )
    first = Ledger(problem=fitted.problem, events=(Trained(steps=fitted.steps_learn, job="j"), Released(release="r")))
    assert price(first, delta=1e-5).b.epsilon(1e-5) == pytest.approx(1.0, rel=1e-9)
    assert price(first, delta=1e-5).b.epsilon(1e-5) <= 1.0
    assert fitted.problem.rho < 1e-11


def test_recommended_constants_of_the_demo_are_the_documented_ones() -> None:
    fitted = recommend(n=569, features=31, classes=2, epsilon=1.0, delta=1e-5)
    assert (fitted.steps_learn, round(fitted.problem.eta, 3), fitted.problem.beta) == (41, 7.407, 0.25)
    assert round(fitted.problem.sigma, 4) == 0.0617
    safe = {"lam": 0.01, "beta": 0.25, "lipschitz": 1.0, "n": 569, "eta": fitted.problem.eta, "adjacency": "zero_out"}
    direct = learning_privacy(**safe, sigma=fitted.problem.sigma, steps_learn=41)  # type: ignore[arg-type]
    assert direct.mu == pytest.approx(mu_for(epsilon=1.0, delta=1e-5), rel=1e-9)
