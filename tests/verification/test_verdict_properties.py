"""What no verdict may depend on, and what no addition may turn into a pass."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from governance.verification.excess import ReferenceMissing, contrast, excess
from governance.verification.statistics import fisher_above, student_above, student_quantile, sum_at_least
from governance.verification.verdict import Rung, Utility, judge

POLICY = {"margin": 0.10, "level": 0.05, "utility_floor": 0.8, "resamples": 200, "seed": 7}
USEFUL = Utility(successes=960, trials=1000)
SOME = settings(max_examples=25, deadline=None)
HOW: dict[str, Any] = {"level": 0.05, "margin": 0.1, "resamples": 200, "seed": 3}
rates = st.sampled_from([0.0, 0.05, 0.3, 0.5, 0.8, 1.0])


@st.composite
def rungs(draw: st.DrawFn) -> Rung:
    """Any arms: honest, leaking, wrecked, saturated or tiny."""
    count, width = draw(st.sampled_from([1, 4, 12, 60])), draw(st.integers(1, 4))
    chance = random.Random(draw(st.integers(0, 10**6)))

    def bits(rate: float, size: int = count) -> list[int]:
        return [int(chance.random() < rate) for _ in range(size)]

    control = draw(rates)
    return Rung(
        budget=draw(st.sampled_from([0.0, 0.1, 0.2])),
        a=bits(draw(rates)),
        b=[bits(control) for _ in range(width)],
        c=bits(0.5, 100),
        d=[bits(0.5, 100) for _ in range(width)],
        e=[],
        p=bits(draw(rates)),
    )


def shuffled(rung: Rung, order: list[int]) -> Rung:
    def moved(row: Any) -> list[int]:
        return [row[place] for place in order]

    return replace(rung, a=moved(rung.a), b=[moved(row) for row in rung.b], p=moved(rung.p))


@given(rungs(), st.randoms(use_true_random=False))
@SOME
def test_the_order_of_records_moves_nothing(rung: Rung, chance: random.Random):
    order = list(range(len(rung.a)))
    chance.shuffle(order)
    first, second = (judge({"uma": [each]}, USEFUL, POLICY) for each in (rung, shuffled(rung, order)))
    assert (first.outcome, first.reasons) == (second.outcome, second.reasons)
    assert first.judged[0].x.interval == second.judged[0].x.interval


@given(rungs())
@SOME
def test_an_arm_and_its_one_reference_change_places_and_the_sign_turns(rung: Rung):
    there, back = excess(rung.a, [rung.b[0]], **HOW), excess(rung.b[0], [rung.a], **HOW)
    assert there.value == -back.value
    assert (there.spread, there.degrees) == pytest.approx((back.spread, back.degrees))
    assert there.p_above(0.0) == pytest.approx(back.p_below(0.0))
    # The bootstrap draws other records after the change: ends agree to the noise of 200 draws.
    assert there.interval.high == pytest.approx(-back.interval.low, abs=0.05 + there.spread)


@given(st.lists(rungs(), min_size=1, max_size=3), st.lists(rungs(), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_adding_a_battery_never_turns_a_failure_into_a_pass(few: list[Rung], more: list[Rung]):
    alone = judge({"uma.l2.label_only": few}, USEFUL, POLICY)
    if alone.outcome.startswith("failed"):
        for name in ("uma.linf.label_only", "probe.linear", "membership.loss.far"):
            assert judge({"uma.l2.label_only": few, name: more}, USEFUL, POLICY).outcome != "passed"


def test_a_small_certain_excess_among_many_batteries_is_a_doubt_and_no_pass():
    """By itself it fails; beside four batteries that say nothing Holm lets it go, and that may not make it a pass."""
    sure = Rung(
        budget=0.0, a=[1] * 26 + [0] * 574, b=[[0] * 600] * 6, c=[0] * 600, d=[[0] * 600] * 6, e=[], p=[1] * 600
    )
    alone = judge({"uma.a": [sure]}, USEFUL, POLICY)
    dull = replace(sure, a=[0] * 600)
    many = {"uma.a": [sure], **{f"uma.b{place}": [dull] for place in range(4)}}
    together = judge(many, USEFUL, POLICY)
    assert alone.outcome == "failed_residual"
    assert together.outcome == "inconclusive"
    assert any("among so many" in reason.text for reason in together.reasons)


@given(st.lists(rungs(), min_size=1, max_size=3), st.floats(0.001, 0.2), st.floats(1.0, 2.0))
@settings(max_examples=40, deadline=None)
def test_raising_the_level_never_turns_a_failure_into_a_pass(few: list[Rung], level: float, times: float):
    strict, lax = ({**POLICY, "level": value} for value in (level, level * times))
    if judge({"uma": few}, USEFUL, strict).outcome.startswith("failed"):
        assert judge({"uma": few}, USEFUL, lax).outcome.startswith("failed")


@given(st.integers(1, 12), st.integers(1, 10), rates)
@SOME
def test_a_dozen_records_with_equal_outcomes_never_pass(count: int, width: int, rate: float):
    same = [int(place < rate * count) for place in range(count)]
    rung = Rung(budget=0.0, a=same, b=[same] * width, c=same, d=[same] * width, e=[], p=[1] * count)
    assert judge({"uma": [rung]}, USEFUL, POLICY).outcome == "inconclusive"


@given(rungs())
@SOME
def test_an_interval_holds_its_estimate_and_stays_between_minus_one_and_one(rung: Rung):
    found = excess(rung.a, rung.b, **HOW)
    assert found.value in found.interval
    assert found.interval.low >= -1.0
    assert found.interval.high <= 1.0


def test_what_needs_a_reference_refuses_without_one():
    with pytest.raises(ReferenceMissing, match="retrain one"):
        contrast([1, 0], [], margin=0.1)
    alone = Rung(budget=0.0, a=[1] * 60, b=[], c=[0] * 60, d=[], e=[], p=[1] * 60)
    found = judge({"uma": [alone]}, USEFUL, POLICY)
    assert found.outcome == "inconclusive"
    assert any("no retrained reference" in reason.text and reason.open for reason in found.reasons)


@given(st.floats(-30, 30), st.floats(1, 1000))
@SOME
def test_students_tail_is_scipys(t: float, degrees: float):
    assert student_above(t, degrees=degrees) == pytest.approx(stats.t.sf(t, degrees), rel=1e-6, abs=1e-15)


@given(st.floats(1e-6, 0.49), st.floats(1, 1000))
@SOME
def test_students_quantile_is_scipys(tail: float, degrees: float):
    assert student_quantile(tail, degrees=degrees) == pytest.approx(stats.t.isf(tail, degrees), rel=1e-6)


@given(st.integers(0, 30), st.integers(1, 30), st.integers(0, 30), st.integers(1, 30))
@SOME
def test_fishers_test_is_scipys(successes: int, trials: int, others: int, other_trials: int):
    successes, others = min(successes, trials), min(others, other_trials)
    table = [[successes, trials - successes], [others, other_trials - others]]
    wanted = stats.fisher_exact(table, alternative="greater").pvalue
    assert fisher_above(successes, trials, others, other_trials) == pytest.approx(wanted, rel=1e-9)


def test_the_law_of_a_sum_of_unlike_coins_is_the_binomial_when_they_are_alike():
    assert sum_at_least(7, [0.3] * 20) == pytest.approx(stats.binom.sf(6, 20, 0.3))
    assert sum_at_least(0, [0.5, 0.1]) == 1.0
