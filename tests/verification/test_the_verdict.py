"""The verdict: what must fail is shown to fail, what is honest is not accused, and too little data is admitted."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from governance.verification.excess import excess
from governance.verification.statistics import clopper_pearson, holm, smallest_visible
from governance.verification.verdict import Finding, Rung, Utility, judge

POLICY = {"margin": 0.10, "level": 0.05, "utility_floor": 0.8, "resamples": 400, "seed": 7}
USEFUL = Utility(successes=195, trials=200)


def bits(count: int, rate: float, seed: int) -> list[int]:
    generator = random.Random(seed)
    return [int(generator.random() < rate) for _ in range(count)]


def rung(count: int, *, a: float, b: float, p: float, c: float = 0.5, d: float = 0.5, budget: float = 0.1) -> Rung:
    """Rates per arm, on the same kind of records; five retrained seeds."""
    return Rung(
        budget=budget,
        a=bits(count, a, 1),
        b=[bits(count, b, 10 + k) for k in range(5)],
        c=bits(count, c, 2),
        d=[bits(count, d, 20 + k) for k in range(5)],
        e=bits(count, 0.1, 3),
        p=bits(count, p, 4),
    )


def judged(rungs: list[Rung], utility: Utility, policy: dict[str, Any], *, attempt: int = 1) -> Finding:
    """As the one battery of a linear model."""
    return judge({"uma.l2.label_only": rungs} if rungs else {}, utility, policy, attempt=attempt)


def test_a_leak_of_memorised_records_fails_as_residual():
    found = judged([rung(60, a=1.0, b=0.5, p=1.0)], USEFUL, POLICY)
    assert found.outcome == "failed_residual"


def test_a_model_that_is_only_weaker_everywhere_is_not_accused_of_memory():
    found = judged([rung(60, a=0.95, b=0.5, c=0.99, d=0.5, p=0.95)], USEFUL, POLICY)
    assert found.outcome != "failed_residual"


def test_a_wrecked_model_fails_as_over_forgotten():
    found = judged([rung(60, a=0.5, b=0.5, p=0.9)], Utility(successes=90, trials=200), POLICY)
    assert found.outcome == "failed_over_forgotten"


def test_records_far_less_reachable_than_after_retraining_are_over_forgotten():
    found = judged([rung(100, a=0.05, b=0.6, p=1.0)], USEFUL, POLICY)
    assert found.outcome == "failed_over_forgotten"


def test_twelve_records_are_inconclusive_and_the_power_is_said_in_numbers():
    found = judged([rung(12, a=0.9, b=0.9, p=0.9)], USEFUL, POLICY)
    assert found.outcome == "inconclusive"
    assert "With 12 records" in found.reasons[0].text
    assert found.detectable > POLICY["margin"]


def test_a_retrained_model_on_many_records_passes():
    same = bits(600, 0.3, 1)
    honest = Rung(budget=0.1, a=same, b=[same] * 5, c=same, d=[same] * 5, e=bits(600, 0.1, 3), p=bits(600, 0.9, 4))
    assert judged([honest], USEFUL, POLICY).outcome == "passed"


def test_nothing_passes_when_the_original_shows_no_memory_either():
    found = judged([rung(600, a=0.3, b=0.3, p=0.3)], USEFUL, POLICY)
    assert found.outcome == "inconclusive"


def test_a_saturated_control_says_nothing():
    found = judged([rung(600, a=0.99, b=0.99, p=1.0)], USEFUL, POLICY)
    assert found.outcome == "inconclusive"


def test_trying_again_makes_the_test_harder_to_pass_and_to_fail():
    rungs = [rung(80, a=0.62, b=0.5, p=0.9)]
    first, fifth = judged(rungs, USEFUL, POLICY), judged(rungs, USEFUL, POLICY, attempt=5)
    assert fifth.judged[0].x.interval.high >= first.judged[0].x.interval.high
    assert fifth.detectable > first.detectable


def test_without_any_attack_the_answer_is_inconclusive():
    assert judged([], USEFUL, POLICY).outcome == "inconclusive"


def test_only_reasons_that_follow_from_counts_may_be_read_by_everybody():
    leak = judged([rung(60, a=1.0, b=0.5, p=1.0)], USEFUL, POLICY)
    assert not any(reason.open for reason in leak.reasons)


@given(st.integers(1, 80), st.data())
@settings(max_examples=40, deadline=None)
def test_the_exact_interval_is_scipys(trials, data):
    successes = data.draw(st.integers(0, trials))
    found = clopper_pearson(successes, trials, level=0.05)
    low = 0.0 if successes == 0 else beta.ppf(0.025, successes, trials - successes + 1)
    high = 1.0 if successes == trials else beta.ppf(0.975, successes + 1, trials - successes)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_where_every_difference_is_equal_the_exact_bound_takes_over():
    found = excess([0] * 12, [[0] * 12] * 3, level=0.05, margin=0.1, resamples=200, seed=0)
    assert found.interval.high == pytest.approx(1 - 0.025 ** (1 / 12))
    assert smallest_visible(12, level=0.05) == pytest.approx(found.interval.high)


def test_holm_steps_down():
    assert holm([0.01, 0.04, 0.03], level=0.05) == [True, False, False]
    assert holm([0.001, 0.02, 0.04], level=0.05) == [True, True, True]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_a_handful_of_records_never_raises_an_alarm_by_itself(count):
    """One person's label may differ from every reference's by chance; that must not stop their erasure."""
    odd = Rung(budget=0.0, a=[1] * count, b=[[0] * count] * 2, c=[1, 0] * 50, d=[[1, 0] * 50] * 2, e=[0] * count, p=[1])
    missed = Rung(budget=0.0, a=[0] * count, b=[[1] * count] * 2, c=[1, 0] * 50, d=[[1, 0] * 50] * 2, e=[], p=[1])
    assert judged([odd], USEFUL, POLICY).outcome == "inconclusive"
    assert judged([missed], USEFUL, POLICY).outcome == "inconclusive"


def test_a_dozen_records_that_all_come_back_do_raise_it():
    leak = Rung(budget=0.0, a=[1] * 12, b=[[0] * 12] * 5, c=[1, 0] * 50, d=[[1, 0] * 50] * 5, e=[0] * 12, p=[1] * 12)
    assert judged([leak], USEFUL, POLICY).outcome == "failed_residual"
