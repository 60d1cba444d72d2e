"""The public functions for cyclic mini-batches, their inverses, the cheaper form, and why slots must be permanent."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accounting.gaussian_worlds import string_mu
from unlearning.accounting import (
    AccountingError,
    Deleted,
    Descent,
    Ledger,
    Problem,
    Released,
    Steps,
    Trained,
    adaptive_reduction,
    batch_forms,
    deletion_bound,
    deletion_bound_cyclic,
    forms_text,
    learning_privacy,
    price,
    price_next_release,
    publishing_schedules,
    recommend,
    smallest_deletion_steps,
    smallest_noise,
)
from unlearning.accounting.recommend import loss_constants

# 78 whole mini-batches of 128 rows: the setting of guarantees.md section 1, there called n = 10^4
PASSES: dict[str, Any] = {
    "lam": 0.01,
    "beta": 0.25,
    "lipschitz": 1.0,
    "eta": 1 / 0.26,
    "sigma": 0.05,
    "adjacency": "zero_out",
    "rho": 0.0,
}
SLOTS, BATCH = 78, 128


def test_five_epochs_and_one_to_delete_cost_what_the_reference_says() -> None:
    shape = PASSES | {"n": SLOTS * BATCH, "batch": BATCH}
    assert learning_privacy(**shape, steps_learn=5 * SLOTS).mu == pytest.approx(0.217, abs=5e-4)
    deleted = deletion_bound_cyclic(**shape, steps_learn=5 * SLOTS, steps_delete=SLOTS)
    assert deleted.mu == pytest.approx(0.0029, abs=5e-5)


def test_slicing_a_data_set_anew_after_a_deletion_is_a_drift_in_every_slot() -> None:
    """Once a row is gone and the others move up, every mini-batch differs by a row: no slot is quiet any more."""
    shifted = PASSES | {"n": BATCH}
    learned = learning_privacy(**shifted, steps_learn=5 * SLOTS)
    deleted = deletion_bound(**shifted, steps_learn=5 * SLOTS, steps_delete=SLOTS)
    assert (learned.mu, deleted.mu) == (pytest.approx(1.547, abs=5e-4), pytest.approx(0.0726, abs=5e-4))
    permanent = PASSES | {"n": SLOTS * BATCH, "batch": BATCH}
    held = learning_privacy(**permanent, steps_learn=5 * SLOTS)
    kept = deletion_bound_cyclic(**permanent, steps_learn=5 * SLOTS, steps_delete=SLOTS)
    assert (learned.mu / held.mu, deleted.mu / kept.mu) == (pytest.approx(7.1, abs=0.05), pytest.approx(25, abs=0.5))


@settings(deadline=None, max_examples=60)
@given(
    learn=st.integers(1, 40),
    delete=st.integers(1, 40),
    more=st.integers(1, 15),
    batches=st.integers(1, 9),
    group=st.integers(1, 4),
    draws=st.integers(1, 3),
)
def test_mu_moves_the_way_it_must_in_mini_batches_too(
    learn: int, delete: int, more: int, batches: int, group: int, draws: int
) -> None:
    shape: dict[str, Any] = {"lam": 0.1, "beta": 0.25, "lipschitz": 1.0, "eta": 1.0, "sigma": 0.2, "rho": 0.0}
    shape |= {"n": 10 * batches, "batch": 10, "steps_learn": learn, "steps_delete": delete, "draws": draws}

    def mu(**changes: Any) -> float:
        return deletion_bound_cyclic(**{**shape, "group": group, **changes}).mu

    one = mu()
    assert mu(steps_delete=delete + more) <= one * (1 + 1e-9)
    assert mu(sigma=0.3) <= one and mu(draws=draws + 1) >= one * (1 - 1e-9)
    assert mu(group=2 * group) == pytest.approx(2 * one, rel=1e-9) == pytest.approx(mu(lipschitz=2.0), rel=1e-9)
    assert mu(group=0) == 0.0
    assert (
        one
        == pytest.approx(
            max(
                string_mu(
                    0.9,
                    [0.2 * group * (k % batches == slot) for k in range(learn)] + [0.0] * delete,
                    math.sqrt(2) * 0.2,
                    [learn + delete],
                )
                for slot in range(batches)
            ),
            rel=1e-9,
        )
        or draws > 1
    )


def test_mini_batches_without_an_assumption_pay_for_each_visit(example: dict[str, Any]) -> None:
    bare = example | {"assumption": "none", "batch": 100}
    visit = 2e-2 / (math.sqrt(2) * example["sigma"])
    assert learning_privacy(**bare, steps_learn=24).mu == pytest.approx(visit * math.sqrt(3), rel=1e-12)
    deleted = deletion_bound_cyclic(**bare, steps_learn=24, steps_delete=500)
    assert deleted.mu == learning_privacy(**bare, steps_learn=24).mu


def test_mini_batches_of_a_flat_loss_pass_nothing_on_but_noise(example: dict[str, Any]) -> None:
    flat = example | {"assumption": "convex", "lam": 0.0, "batch": 100}
    found = deletion_bound_cyclic(**flat, steps_learn=30, steps_delete=40)
    drifts = [2e-2 * (k % 10 == 9) for k in range(30)] + [0.0] * 40
    assert found.mu == pytest.approx(string_mu(1.0, drifts, math.sqrt(2) * example["sigma"], [70]), rel=1e-9)


@pytest.mark.parametrize("batch", [100, 250, 333])
def test_the_inverses_meet_their_target_and_less_misses_it(example: dict[str, Any], batch: int) -> None:
    del example["sigma"]
    shape = example | {"batch": batch}
    noise = smallest_noise(**shape, steps_learn=60, epsilon=2.0, delta=1e-5)
    assert learning_privacy(**shape, sigma=noise.sigma, steps_learn=60).epsilon(1e-5) <= 2.0
    assert learning_privacy(**shape, sigma=noise.sigma * (1 - 1e-6), steps_learn=60).epsilon(1e-5) > 2.0
    found = smallest_deletion_steps(**shape, sigma=noise.sigma, steps_learn=60, epsilon=0.3, delta=1e-5)
    assert found.epsilon(1e-5) <= 0.3
    less = deletion_bound_cyclic(**shape, sigma=noise.sigma, steps_learn=60, steps_delete=found.steps - 1)
    assert less.epsilon(1e-5) > 0.3


def test_the_ledger_the_functions_and_the_year_agree(problem: Problem, example: dict[str, Any]) -> None:
    events = (Trained(steps=24, job="t"), Deleted(records=1, batch="d"), Steps(steps=7, job="d"))
    found = price(Ledger(problem=replace(problem, batch=100), events=events), delta=1e-5)
    shape = example | {"batch": 100, "steps_learn": 24, "steps_delete": 7}
    assert found.a == deletion_bound_cyclic(**shape)
    assert adaptive_reduction(**shape, releases=0, delta=1e-5).mu == found.a.mu
    year = publishing_schedules(**shape, rounds=4, every=(1, 4))
    told = Ledger(problem=replace(problem, batch=100), events=(Trained(steps=24, job="t"), Released(release="r")))
    for at in range(4):
        told = told.then(Deleted(records=1, batch=f"{at}"), Steps(steps=7, job=f"{at}"), Released(release="r"))
    assert year[0].mu == price_next_release(told).spent.mu
    assert year[1].mu <= year[0].mu


SIZED = recommend(n=60_000, features=785, classes=10, loss="softmax", epsilon=3.0, delta=1e-6)
ASK: dict[str, Any] = {"epsilon": 3.0, "epsilon_delete": 0.1, "delta": 1e-6}


def test_few_mini_batches_delete_with_fewer_row_gradients_at_the_same_epsilon() -> None:
    forms = batch_forms(SIZED, **ASK, batches=(30_000, 20_000, 1_000))
    full = next(form for form in forms if form.problem.batch is None)
    assert full.problem == SIZED.problem and full.noise_ratio == 1.0 and full.steps_learn == SIZED.steps_learn
    assert forms[0].problem.batch == 20_000 and forms[0].delete_row_gradients < 0.4 * full.delete_row_gradients
    assert [form.problem.batch for form in forms] == [20_000, 30_000, None]  # sixty a pass need too much noise
    for form in forms:
        learned = Ledger(problem=form.problem, events=(Trained(steps=form.steps_learn, job="t"),))
        gone = learned.then(Deleted(records=1, batch="d"), Steps(steps=form.steps_delete, job="d"))
        assert price(learned, delta=1e-6).b.epsilon(1e-6) == pytest.approx(3.0, rel=1e-9)
        assert price(gone, delta=1e-6).a.epsilon(1e-6) <= 0.1 and 1.0 <= form.noise_ratio <= 1.1
    assert "mini-batches of 20000" in forms_text(forms).splitlines()[0]


def test_the_noise_a_form_may_add_is_the_planners_to_say() -> None:
    assert [form.problem.batch for form in batch_forms(SIZED, **ASK, most_noise=1.0)] == [None]
    many = batch_forms(SIZED, **ASK, most_noise=100.0)
    assert len(many) == 8 and many[0].delete_row_gradients < 0.02 * many[-1].delete_row_gradients
    ratios = [form.noise_ratio for form in sorted(many, key=lambda form: -form.rows_a_step)]
    assert ratios == sorted(ratios) and ratios[0] == 1.0  # the smaller the mini-batch, the more noise it needs
    assert many[-1].learn_row_gradients == SIZED.steps_learn * 60_000


def test_a_form_of_no_convex_problem_is_refused_and_one_whose_target_is_out_of_reach_is_left_out() -> None:
    with pytest.raises(AccountingError) as refusal:
        batch_forms(replace(SIZED, problem=replace(SIZED.problem, assumption="none")), **ASK)
    assert refusal.value.code == "NO_CONTRACTION"
    assert batch_forms(replace(SIZED, problem=replace(SIZED.problem, rho=1e-5)), **ASK) == ()


@pytest.mark.parametrize("loss", ["binary", "softmax", "one_vs_rest"])
@pytest.mark.parametrize("batch", [None, 250])
def test_recommended_constants_hold_for_every_loss_and_form(loss: Any, batch: int | None) -> None:
    made = recommend(n=1000, features=65, classes=10, loss=loss, epsilon=2.0, delta=1e-5, batch=batch, lam=0.05)
    ledger = Ledger(problem=made.problem, events=(Trained(steps=made.steps_learn, job="t"), Released(release="r")))
    assert price(ledger, delta=1e-5).b.epsilon(1e-5) == pytest.approx(2.0, rel=1e-9)
    assert ledger.format == ("obelus/ledger/1" if batch is None and loss != "one_vs_rest" else "obelus/ledger/2")
    assert Ledger.from_json(ledger.to_json()) == ledger


def test_a_stack_of_one_against_the_rest_is_as_long_as_all_its_outputs_together() -> None:
    assert loss_constants("one_vs_rest", 2.0, classes=10) == (pytest.approx(2.0 * math.sqrt(10)), 1.0)
    assert loss_constants("softmax", 2.0, classes=10) == (pytest.approx(2.0 * math.sqrt(2)), 2.0)
    with pytest.raises(AccountingError) as refusal:
        loss_constants("one_vs_rest", 1.0, classes=1)
    assert refusal.value.code == "TARGET_OUT_OF_RANGE"


def test_one_row_less_changes_the_mu_and_nothing_that_is_drawn(problem: Problem) -> None:
    """guarantees.md section 1: sigma, eta and the steps solved for n would betray n by themselves."""
    batched = replace(problem, batch=100)
    before = Ledger(problem=batched, events=(Trained(steps=60, job="t"), Released(release="r")))
    after = before.then(Deleted(records=1, batch="d"), Steps(steps=20, job="d"))
    for name in ("sigma", "eta", "n", "batch", "lam"):
        assert getattr(after.problem, name) == getattr(before.problem, name)
    assert (before.rows, after.rows, after.problem.batches) == (1000, 999, 10)


def test_mini_batches_divide_by_their_slots_whatever_the_adjacency(example: dict[str, Any]) -> None:
    batched = Descent(**example | {"batch": 100})
    drift = {kind: replace(batched, adjacency=kind).drift(3) for kind in ("replace", "remove", "zero_out")}
    assert drift == {"replace": pytest.approx(6e-2), "remove": pytest.approx(6e-2), "zero_out": pytest.approx(3e-2)}
