"""The numbers that the theory's reference states, reproduced: exact laws, certificates, formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from unlearning.accounting import GdpBound, deletion_bound, learning_privacy, price
from unlearning.audit import adaptive_requester, cached_state, cyclic_witness, exact, histories
from unlearning.audit.best_of_five import DELETE, LEARN, gated_problem, looked_at
from unlearning.audit.descent_to_delete import DescentToDelete
from unlearning.audit.gaussian_witness import PIPELINES
from unlearning.audit.necessity import least_adaptive_epsilon
from unlearning.audit.study import worst_case

# sigma: advantage after retraining, after noisy deletion, B, A (certified_deletion.md section 3).
ADAPTIVE = {
    0.0001: (1.0000, 1.0000, 1.0000, 0.2623),
    0.01: (0.6088, 0.6088, 0.6088, 0.0027),
    0.05: (0.1362, 0.1362, 0.1362, 0.0005),
    0.2: (0.0342, 0.0342, 0.0342, 0.0001),
}
SETTING = {"rows": adaptive_requester.ROWS, "eta": 0.5, "lam": 1.0, "learn": adaptive_requester.LEARN}


@pytest.mark.parametrize("sigma", ADAPTIVE)
def test_the_adaptive_requesters_table_comes_out_by_quadrature(sigma):
    problem = adaptive_requester.problem_of(sigma)
    ledger = histories.published_and_deleted(
        problem, learn=adaptive_requester.LEARN, delete=adaptive_requester.DELETE, records=51
    )
    cost = price(ledger, delta=1e-5)
    retrained = exact.after_retraining(sigma=sigma, **SETTING)
    descended = exact.after_noisy_deletion(sigma=sigma, delete=adaptive_requester.DELETE, **SETTING)
    found = (retrained, descended, cost.b.advantage, cost.a.advantage)
    assert found == pytest.approx(ADAPTIVE[sigma], abs=5.1e-5)
    assert descended <= cost.b.advantage + 1e-8
    assert descended > cost.a.advantage


def test_the_toy_tells_the_deleted_record_by_its_sign():
    assert adaptive_requester.retrained_sum([-2, -1, 2]) == 2
    assert adaptive_requester.retrained_sum([-2, 1, 2]) == -2


@pytest.mark.parametrize(("candidates", "expected"), [(2, (0.210, 0.417)), (5, (0.498, 0.908))])
def test_a_gate_that_keeps_the_best_leaks_what_the_reference_says(candidates, expected):
    assert exact.best_of(candidates, mu=0.1) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(
    ("failing", "expected"), [(0.05, (0.067, 0.106)), (0.10, (0.105, 0.145)), (0.30, (0.300, 0.416))]
)
def test_a_gate_that_draws_again_leaks_what_the_reference_says(failing, expected):
    assert exact.redrawn_until_pass(mu=0.1, failing=failing) == pytest.approx(expected, abs=5.1e-4)


def test_one_candidate_is_no_selection():
    assert exact.best_of(1, mu=0.1) == pytest.approx((GdpBound(0.1).advantage, GdpBound(0.2).advantage), abs=1e-6)


def test_each_candidate_of_the_gate_is_certified_at_mu_one_tenth():
    cost = price(histories.deleted(gated_problem(), learn=LEARN, delete=DELETE), delta=1e-5)
    assert cost.a.mu == pytest.approx(0.1, rel=1e-3)
    assert cost.a.advantage == pytest.approx(0.040, abs=5e-4)


def test_the_accountant_gives_no_finite_price_to_a_gate_that_looked():
    assert math.isinf(price(looked_at(gated_problem()), delta=1e-5).a.mu)


@pytest.mark.parametrize(("releases", "expected"), [(1, 0.080), (100, 0.683), (1000, 0.998)])
def test_cached_state_leaks_what_the_reference_says(releases, expected):
    """Exact: each release shows the inner iterate once more under fresh noise, so squares of mu add."""
    algorithm = DescentToDelete(mu=0.2)
    apart = algorithm.after_deletion(value=1.0) - algorithm.after_deletion(value=-1.0)
    once = apart / algorithm.noise
    assert once == pytest.approx(0.2)
    assert GdpBound(once * math.sqrt(releases)).advantage == pytest.approx(expected, abs=5.1e-4)


def test_inner_steps_before_each_release_bound_the_leak_of_cached_state_but_not_by_one_release():
    """The traces' mean over their spread is the exact root of the summed squares: .2 / sqrt(1 - gamma^2)."""
    algorithm = DescentToDelete(mu=0.2)
    draw = np.random.default_rng(2)
    low, high = (
        algorithm.traces(draw, value=value, runs=40_000, releases=300, steps_between=1) for value in (-1.0, 1.0)
    )
    found = (high.mean() - low.mean()) / high.std()
    assert found == pytest.approx(0.2 / math.sqrt(1 - algorithm.gamma**2), abs=0.03)


def test_the_stateless_problem_is_certified_at_one_release():
    problem = cached_state.stateless_problem()
    cost = price(histories.deleted(problem, learn=60, delete=9), delta=1e-5)
    assert cost.a.advantage == pytest.approx(0.080, abs=5e-4)


def test_the_necessity_theorem_is_the_papers_formula():
    assert least_adaptive_epsilon(0.6, 0.5, delta=0.01) == pytest.approx(math.log(1.28))
    assert least_adaptive_epsilon(0.0, 0.9, delta=0.01) == 0.0
    assert least_adaptive_epsilon(1.0, 1.0, delta=1e-12) == pytest.approx(math.log(2))


@pytest.mark.parametrize("line", PIPELINES, ids=lambda line: f"c={line.contraction}")
def test_the_ledgers_of_the_witness_cost_what_the_closed_forms_say(line):
    problem = worst_case(mu=line.mu, contraction=line.contraction, steps_learn=line.learn)
    names = ("lam", "beta", "lipschitz", "n", "eta", "sigma", "adjacency")
    constants = {name: getattr(problem, name) for name in names} | {"steps_learn": line.learn}
    assert learning_privacy(**constants).mu == pytest.approx(line.mu, rel=1e-9)
    certified = price(histories.deleted(problem, learn=line.learn, delete=line.delete), delta=1e-5).a.mu
    assert certified == pytest.approx(deletion_bound(steps_delete=line.delete, **constants).mu, rel=1e-9)


def test_the_running_example_after_nine_steps_is_the_references():
    line = PIPELINES[0]
    problem = worst_case(mu=line.mu, contraction=line.contraction, steps_learn=line.learn)
    cost = price(histories.deleted(problem, learn=line.learn, delete=9), delta=1e-5)
    assert cost.a.mu == pytest.approx(0.193, abs=1e-3)
    assert cost.a.epsilon(1e-5) == pytest.approx(0.70, abs=0.02)


def test_the_cyclic_witness_attains_the_certificate_of_a_deletion():
    """The exact law of the worst slot: one pull in each pass, noise in every step."""
    problem = cyclic_witness.problem_of()
    c, apart, variance = problem.contraction, 0.0, 0.0
    for step in range(cyclic_witness.LEARN + cyclic_witness.DELETE):
        pulls = step < cyclic_witness.LEARN and step % problem.batches == problem.batches - 1
        apart = c * apart + pulls * problem.eta * problem.lipschitz / cyclic_witness.BATCH
        variance = c * c * variance + problem.noise**2
    ledger = histories.deleted(problem, learn=cyclic_witness.LEARN, delete=cyclic_witness.DELETE)
    certified = price(ledger, delta=1e-5).a.mu
    assert apart / math.sqrt(variance) <= certified
    assert apart / math.sqrt(variance) == pytest.approx(certified, rel=1e-3)
