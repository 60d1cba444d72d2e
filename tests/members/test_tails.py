"""Thresholds from never-seen rows: honest at any sample size, on both sides."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unlearning.verification.members.tails import (
    far_bits,
    near_bits,
    rates_within_reach,
    strangers_far,
    strangers_near,
)

SCORES = arrays(np.float64, st.integers(1, 40), elements=st.integers(-6, 6).map(float))
RATES = st.sampled_from([0.01, 0.05, 0.1, 0.25, 0.49])


@settings(max_examples=80, deadline=None)
@given(SCORES, SCORES, RATES)
def test_no_row_is_flagged_on_both_sides_and_turning_the_sign_swaps_the_sides(rows, strangers, rate):
    near, far = near_bits(rows, strangers, rate=rate), far_bits(rows, strangers, rate=rate)
    assert not (near & far).any()
    assert (near_bits(-rows, -strangers, rate=rate) == far).all()


@settings(max_examples=80, deadline=None)
@given(SCORES, SCORES)
def test_the_two_tails_of_a_row_add_up_to_all_strangers_and_its_ties(rows, strangers):
    """The smallest rates that flag a row near and far, as (1 + count) / (M + 1), sum to (2 + M + ties) / (M + 1)."""
    for row in rows[:5]:
        as_high, as_low = (strangers >= row).sum(), (strangers <= row).sum()
        ties = (strangers == row).sum()
        assert as_high + as_low == len(strangers) + ties
        edge = (1 + as_high) / (len(strangers) + 1)
        assert near_bits(np.array([row]), strangers, rate=edge).all()
        assert not near_bits(np.array([row]), strangers, rate=edge - 1e-6).any()


@settings(max_examples=80, deadline=None)
@given(SCORES, RATES)
def test_strangers_are_flagged_at_most_at_the_rate(strangers, rate):
    for bits in (strangers_near(strangers, rate=rate), strangers_far(strangers, rate=rate)):
        assert bits.mean() <= rate + 1e-9


def test_without_ties_exactly_the_rate_of_the_strangers_is_flagged():
    strangers = np.random.default_rng(0).normal(size=200)
    assert strangers_near(strangers, rate=0.1).sum() == 20
    assert strangers_near(strangers, rate=0.1)[np.argsort(strangers)[-20:]].all()


def test_a_fresh_stranger_is_flagged_at_the_rate_whatever_the_law_of_the_scores():
    draw = np.random.default_rng(1)
    flags = [near_bits(draw.standard_cauchy(1), draw.standard_cauchy(39), rate=0.1)[0] for _ in range(4000)]
    assert 0.085 <= np.mean(flags) <= 0.115


def test_a_rate_that_could_flag_nobody_is_left_out():
    assert rates_within_reach([0.01, 0.05, 0.1], strangers=10) == [0.1]
    assert rates_within_reach([0.01, 0.05, 0.1], strangers=100) == [0.01, 0.05, 0.1]
    assert rates_within_reach([0.01], strangers=9) == []
