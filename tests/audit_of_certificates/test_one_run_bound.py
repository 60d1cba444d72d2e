"""Steinke, Nasr and Jagielski's bound: the numbers it must give, and how often it may err."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearning.audit.one_run import least_epsilon, p_value


def binomial(count: int, rate: float, value: int) -> float:
    return math.comb(count, value) * rate**value * (1 - rate) ** (count - value) if 0 <= value <= count else 0.0


def test_a_thousand_right_guesses_of_a_thousand_say_epsilon_5_81():
    q = 0.05 ** (1 / 1000)  # q^1000 = .05
    found = least_epsilon(canaries=1000, guesses=1000, right=1000, delta=0.0, confidence=0.95)
    assert found == pytest.approx(math.log(q / (1 - q)), abs=1e-5) == pytest.approx(5.809, abs=1e-3)


def test_without_epsilon_it_is_a_coin():
    assert p_value(canaries=10, guesses=10, right=10, epsilon=0.0, delta=0.0) == pytest.approx(2**-10)


def test_delta_is_charged_by_the_worst_way_to_spend_it():
    """Against the theorem written out: beta + 2 m delta max_i P[v > Bin >= v - i] / i."""
    m, r, v, epsilon, delta = 30, 12, 10, 0.8, 1e-3
    q = 1 / (1 + math.exp(-epsilon))
    beta = sum(binomial(r, q, k) for k in range(v, r + 1))
    paid = max(sum(binomial(r, q, k) for k in range(v - i, v)) / i for i in range(1, m + 1))
    found = p_value(canaries=m, guesses=r, right=v, epsilon=epsilon, delta=delta)
    assert found == pytest.approx(beta + 2 * m * delta * paid)


def test_half_right_says_nothing():
    assert least_epsilon(canaries=200, guesses=100, right=50, delta=1e-5, confidence=0.95) == 0.0


@settings(max_examples=25)
@given(st.integers(1, 60).flatmap(lambda r: st.tuples(st.just(r), st.integers(0, r))), st.floats(0, 0.01))
def test_delta_and_fewer_right_guesses_never_raise_the_bound(counts, delta):
    guesses, right = counts
    known = {"canaries": 100, "guesses": guesses, "confidence": 0.95}
    bound = least_epsilon(right=right, delta=0.0, **known)
    assert least_epsilon(right=right, delta=delta, **known) <= bound
    assert least_epsilon(right=max(0, right - 1), delta=0.0, **known) <= bound


def test_randomised_response_is_wrongly_rejected_in_at_most_five_of_a_hundred():
    """Exact: the guesses of randomised response are right with q each, which the bound allows with equality."""
    epsilon, r = 1.5, 40
    q = 1 / (1 + math.exp(-epsilon))
    bounds = np.array([least_epsilon(canaries=r, guesses=r, right=v, delta=0.0, confidence=0.95) for v in range(r + 1)])
    wrong = sum(binomial(r, q, v) for v in range(r + 1) if bounds[v] > epsilon)
    assert 0.005 < wrong <= 0.05


def test_more_right_guesses_than_guesses_are_refused():
    with pytest.raises(ValueError, match="count again"):
        p_value(canaries=5, guesses=3, right=4, epsilon=1.0, delta=0.0)
