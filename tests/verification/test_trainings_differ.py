"""An honest candidate is one more training of its recipe, and trainings differ: that is no memory."""

import pytest

from benchmarks.twins import tossed
from governance.verification.excess import contrast, excess, seed_variance
from governance.verification.verdict import Rung, Utility, judge

MANY = 2000
HOW = {"level": 0.025, "margin": 0.1, "resamples": 200, "seed": 1}


def row(rate: float) -> list[int]:
    """The same records fall first in every training."""
    return [int(place < rate * MANY) for place in range(MANY)]


# Five trainings whose rates scatter by 3 points, far more than 2,000 coins would.
SCATTERED = [row(rate) for rate in (0.26, 0.28, 0.30, 0.32, 0.34)]


def test_a_candidate_just_above_scattered_references_is_not_surprising():
    """Above all of them, by six times the error of records alone; yet one training in six lies highest."""
    found = contrast(row(0.36), SCATTERED, margin=0.1)
    assert found.value / (found.value * (1 - found.value) / MANY) ** 0.5 > 6
    assert found.p_above(0.0) > HOW["level"] / 2


def test_the_same_candidate_above_references_that_agree_is():
    assert contrast(row(0.36), [row(0.30)] * 5, margin=0.1).p_above(0.0) < 0.001


def test_the_interval_asks_for_this_candidate_alone_and_is_narrower_than_the_test():
    found = excess(row(0.36), SCATTERED, **HOW)
    assert 0.0 < found.interval.low < found.value < found.interval.high
    assert found.interval.high - found.value < 4 * found.spread


def test_the_spread_of_trainings_is_seen_beyond_what_records_explain():
    scattered = seed_variance(SCATTERED, margin=0.1)
    assert scattered == pytest.approx((4 * 0.01**2 + 4 * 0.001) / 8, rel=0.05)
    agreed = seed_variance([row(0.3)] * 5, margin=0.1)
    assert agreed == pytest.approx(4 * 0.01**2 / 8)


def test_one_reference_leaves_what_is_believed_of_trainings_beforehand():
    assert seed_variance([row(0.3)], margin=0.1) == pytest.approx(0.01**2)


@pytest.mark.parametrize(("highest", "outcome"), [(0.5, "failed_residual"), (0.62, "inconclusive")])
def test_whoever_stays_below_one_retrained_model_is_not_accused(highest: float, outcome: str):
    """Nineteen references agree and one does not: a candidate beneath that one did what retraining did."""
    strange = Rung(budget=0.0, a=row(0.6), b=[*[row(0.3)] * 19, row(highest)], c=[], d=[], e=[], p=row(0.95))
    useful, policy = Utility(successes=960, trials=1000), {**HOW, "level": 0.05, "utility_floor": 0.8}
    found = judge({"uma": [strange]}, useful, policy)
    assert found.judged[0].x.p_above(0.0) < 0.001
    assert found.outcome == outcome


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("references", [2, 5])
def test_honest_trainings_that_differ_by_two_points_fail_at_most_once_in_a_hundred(references: int):
    found = [tossed(records=1000, references=references, unrest=0.02, seed=seed).outcome for seed in range(200)]
    assert sum(each.startswith("failed") for each in found) <= 2
