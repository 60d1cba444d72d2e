"""Lower bounds that hold as often as they say, from counts and from scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unlearning.audit.confidence import Rates, at_least, at_most, fixed_threshold, lower_rates, rates


def mu(found: Rates) -> float:
    return found.mu


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # The 95 % intervals of Clopper and Pearson's tables.
    [(0, 10, 0.0, 0.3085), (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0)],
)
def test_the_exact_interval_is_clopper_and_pearsons(successes, trials, low, high):
    assert at_least(successes, trials, risk=0.025) == pytest.approx(low, abs=6e-5)
    assert at_most(successes, trials, risk=0.025) == pytest.approx(high, abs=6e-5)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(1e-6, 0.5))
def test_the_bounds_enclose_what_was_seen(counts, risk):
    successes, trials = counts
    assert at_least(successes, trials, risk=risk) <= successes / trials <= at_most(successes, trials, risk=risk)


@given(st.integers(1, 12), st.floats(0.01, 0.99))
def test_the_lower_bound_is_too_high_in_no_more_than_the_risk(trials, rate):
    """Summed over every outcome: exact, not simulated."""
    chance = sum(
        math.comb(trials, k) * rate**k * (1 - rate) ** (trials - k)
        for k in range(trials + 1)
        if at_least(k, trials, risk=0.05) > rate
    )
    assert chance <= 0.05 + 1e-9


@pytest.mark.parametrize(("successes", "trials"), [(-1, 3), (4, 3), (0, 0)])
def test_what_is_no_count_is_refused(successes, trials):
    with pytest.raises(ValueError, match="expected 0 <= successes"):
        at_least(successes, trials, risk=0.05)


def test_the_second_half_has_no_say_in_the_threshold():
    draw = np.random.default_rng(5)
    low, high = draw.standard_normal(4000), draw.standard_normal(4000) + 1
    wild = np.concatenate([high[:2000], high[2000:] * 50 - 9])
    first = fixed_threshold(low[:2000], high[:2000], worth=mu, confidence=0.95)
    assert lower_rates(low, wild, worth=mu, confidence=0.95) == rates(
        low[2000:], wild[2000:], threshold=first, confidence=0.95
    )


def test_the_bound_comes_near_a_known_mu_from_below():
    draw = np.random.default_rng(8)
    found = lower_rates(draw.standard_normal(200_000), draw.standard_normal(200_000) + 0.5, worth=mu, confidence=0.95)
    assert 0.45 < found.mu < 0.5


def test_of_two_equal_worlds_nothing_is_learned():
    draw = np.random.default_rng(9)
    found = lower_rates(draw.standard_normal(2000), draw.standard_normal(2000), worth=mu, confidence=0.999)
    assert found.mu == found.advantage == found.epsilon(1e-5) == 0.0


def test_epsilon_is_what_the_rates_need_at_delta():
    found = Rates(hits=0.5, alarms=0.1)
    assert found.epsilon(0.0) == pytest.approx(math.log(5))
    assert found.epsilon(0.1) == pytest.approx(math.log(4))
    assert Rates(hits=0.05, alarms=0.1).epsilon(0.1) == 0.0


def test_a_single_run_bounds_nothing():
    with pytest.raises(ValueError, match="at least two runs"):
        lower_rates(np.zeros(1), np.ones(1), worth=mu, confidence=0.95)


@pytest.mark.slow
def test_a_bound_on_mu_exceeds_the_truth_in_at_most_five_of_a_hundred_audits():
    draw = np.random.default_rng(10)
    exceeded = sum(
        lower_rates(draw.standard_normal(500), draw.standard_normal(500) + 0.5, worth=mu, confidence=0.95).mu > 0.5
        for _ in range(1000)
    )
    assert exceeded <= 50
