"""The exact curve of a Gaussian mechanism, against dp-accounting and against itself."""

import math

import dp_accounting
import pytest
from dp_accounting import rdp
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearning.accounting import AccountingError, GdpBound
from unlearning.accounting import gdp as curve

MUS = st.floats(-6.0, 2.0).map(lambda power: 10.0**power)
DELTAS = st.floats(-25.0, -0.05).map(lambda power: 10.0**power)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(deadline=None)
@given(mu=MUS, delta=DELTAS)
def test_epsilon_agrees_with_dp_accounting_to_nine_digits(mu: float, delta: float) -> None:
    expected = dp_accounting.get_epsilon_gaussian(1.0 / mu, delta)
    assert GdpBound(mu).epsilon(delta) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(mu=MUS, delta=DELTAS)
def test_epsilon_and_delta_undo_each_other_and_round_to_the_safe_side(mu: float, delta: float) -> None:
    epsilon = GdpBound(mu).epsilon(delta)
    assert GdpBound(mu).delta(epsilon) <= delta * (1 + 1e-12)
    if epsilon > 0.0:
        assert curve.mu_for(epsilon=epsilon, delta=delta) == pytest.approx(mu, rel=1e-6)


@pytest.mark.parametrize("mu", [0.05, 0.5, 2.0])
def test_the_renyi_curve_converts_to_a_little_more_than_the_exact_epsilon(mu: float) -> None:
    orders = [1.0 + step / 8.0 for step in range(1, 4000)]
    renyi, _ = rdp.compute_epsilon(orders, [GdpBound(mu).renyi(order) for order in orders], 1e-5)
    exact = GdpBound(mu).epsilon(1e-5)
    assert exact < renyi < 1.25 * exact


@pytest.mark.parametrize("reserve", [-1e-9, math.nan, math.inf])
def test_a_reserve_that_is_no_share_of_delta_cannot_be_made(reserve: float) -> None:
    with pytest.raises(AccountingError) as refusal:
        GdpBound(0.5, reserve=reserve)
    assert refusal.value.code == "NOT_FINITE"


def test_a_reserve_is_taken_from_delta_and_added_to_every_other_number() -> None:
    plain, vetoed = GdpBound(0.5), GdpBound(0.5, reserve=4e-6)
    assert vetoed.epsilon(1e-5) == plain.epsilon(6e-6) and vetoed.epsilon(4e-6) == math.inf
    assert vetoed.delta(vetoed.epsilon(1e-5)) <= 1e-5 * (1 + 1e-9)
    assert vetoed.advantage == pytest.approx(plain.advantage + 4e-6) and GdpBound(9.0, reserve=0.5).advantage == 1.0


def test_examples_of_the_reference_come_out() -> None:
    assert GdpBound(0.5).epsilon(1e-5) == pytest.approx(1.99, abs=0.005)
    assert GdpBound(0.5).advantage == pytest.approx(0.197, abs=0.0005)
    assert GdpBound(0.049).epsilon(1e-5) == pytest.approx(0.157, abs=0.0005)
    assert GdpBound(2.42).epsilon(1e-5) == pytest.approx(12.7, abs=0.05)


def test_no_overflow_and_no_vanishing_at_the_edges_of_float64() -> None:
    assert GdpBound(1e3).epsilon(1e-300) == pytest.approx(5e5 + 1e3 * 37.0, rel=1e-3)
    assert 0.0 < GdpBound(1e-12).epsilon(1e-300) < 1e-10
    assert GdpBound(1e-3).delta(700.0) == 0.0


def test_nothing_costs_nothing_and_no_guarantee_costs_everything() -> None:
    assert (GdpBound(0.0).epsilon(1e-9), GdpBound(0.0).delta(0.0), GdpBound(0.0).advantage) == (0.0, 0.0, 0.0)
    nothing_promised = GdpBound(math.inf)
    assert (nothing_promised.epsilon(0.5), nothing_promised.delta(9.0)) == (math.inf, 1.0)
    assert (nothing_promised.advantage, nothing_promised.renyi(2.0)) == (1.0, math.inf)


def test_renyi_is_linear_in_the_order() -> None:
    assert GdpBound(0.3).renyi(8.0) == pytest.approx(8 * 0.09 / 2)


@pytest.mark.parametrize("order", [1.0, 0.5, math.inf, math.nan])
def test_a_renyi_order_of_one_or_less_is_refused(order: float) -> None:
    with pytest.raises(AccountingError) as refusal:
        GdpBound(1.0).renyi(order)
    assert refusal.value.code == "ORDER_NOT_ABOVE_ONE"


@pytest.mark.parametrize("delta", [0.0, 1.0, -1e-5, math.nan])
def test_a_delta_outside_zero_and_one_is_refused(delta: float) -> None:
    with pytest.raises(AccountingError) as refusal:
        GdpBound(1.0).epsilon(delta)
    assert refusal.value.code == "DELTA_OUT_OF_RANGE"


@pytest.mark.parametrize("mu", [math.nan, -0.1])
def test_a_bound_that_is_no_number_cannot_be_made(mu: float) -> None:
    with pytest.raises(AccountingError) as refusal:
        GdpBound(mu)
    assert refusal.value.code == "NOT_FINITE"
