"""A year under four ways to publish, and the small arithmetic of the result pages."""

import math

import pytest

from benchmarks import timing, year
from benchmarks.pages import mean_and_interval, table


def test_a_year_of_weekly_releases_costs_what_the_reference_says() -> None:
    nine, again = (year.after(51, every=1, steps_delete=steps) for steps in (9, None))
    assert nine.releases == again.releases == 52
    # The reference cuts off: 2.42 and 3.60.
    assert math.floor(100 * nine.b.mu) / 100 == 2.42
    assert math.floor(100 * again.b.mu) / 100 == 3.60
    assert nine.b.epsilon(year.DELTA) == pytest.approx(12.7, abs=0.05)


def test_publishing_less_often_costs_those_who_stay_less() -> None:
    spent = [year.after(51, every=every, steps_delete=9) for every in year.SCHEDULES.values()]
    assert [one.releases for one in spent] == [52, 13, 4, 1]
    assert [one.b.mu for one in spent] == sorted((one.b.mu for one in spent), reverse=True)
    assert spent[-1].b.mu == pytest.approx(year.MU_FIRST)


def test_the_interval_is_students() -> None:
    mean, half = mean_and_interval([1.0, 2.0, 3.0])
    assert mean == 2.0
    assert half == pytest.approx(4.303 / math.sqrt(3.0))


def test_contestants_run_equally_often_in_changing_order() -> None:
    order: list[str] = []
    times = timing.interleaved({name: lambda name=name: order.append(name) for name in "ab"}, repeats=2)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert [len(seconds) for seconds in times.values()] == [2, 2]


def test_ratios_are_of_medians_with_the_extremes_of_the_turns() -> None:
    assert timing.ratio_shown([4.0, 2.0, 6.0], [1.0, 1.0, 2.0]) == "4.00 (2.00 to 4.00)"


def test_a_table_has_a_line_under_its_head() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
