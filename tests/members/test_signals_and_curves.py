"""Signals of membership, the whole curve, and an area that does not boast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from sklearn.metrics import roc_auc_score, roc_curve

from unlearning.verification.members.curves import auc, auc_interval, roc, true_positive_at
from unlearning.verification.members.signals import confidences, entropies, losses, modified_entropies

SCORES = arrays(np.float64, st.integers(1, 30), elements=st.integers(-5, 5).map(float))


def test_loss_of_a_hand_computed_row():
    assert losses(np.array([[0.0, np.log(3.0)]]), np.array([0])) == pytest.approx([np.log(4.0)])


def test_entropy_of_a_fair_coin_is_the_logarithm_of_two():
    assert entropies(np.zeros((1, 2)), np.array([0])) == pytest.approx([np.log(2.0)])


def test_modified_entropy_of_a_hand_computed_row():
    logits = np.log(np.array([[0.5, 0.3, 0.2]]))
    by_hand = -0.5 * np.log(0.5) - 0.3 * np.log(0.7) - 0.2 * np.log(0.8)
    assert modified_entropies(logits, np.array([0])) == pytest.approx([by_hand])


def test_modified_entropy_tells_a_sure_mistake_from_a_sure_answer_where_entropy_does_not():
    logits, labels = np.array([[9.0, 0.0, 0.0], [9.0, 0.0, 0.0]]), np.array([0, 1])
    assert np.ptp(entropies(logits, labels)) == 0.0
    assert modified_entropies(logits, labels)[1] > 5.0 + modified_entropies(logits, labels)[0]


def test_confidence_is_the_logit_of_the_probability_and_stays_finite_when_that_is_one():
    assert confidences(np.log(np.array([[0.8, 0.15, 0.05]])), np.array([0])) == pytest.approx([np.log(4.0)])
    assert confidences(np.array([[800.0, 0.0]]), np.array([0])) == pytest.approx([800.0])


def test_the_curve_and_its_area_are_scikit_learns():
    draw = np.random.default_rng(0)
    for members, strangers in (
        (draw.normal(0.7, 1.0, 40), draw.normal(size=60)),
        (draw.integers(0, 4, 30).astype(float), draw.integers(0, 3, 25).astype(float)),
    ):
        truth = np.repeat([1, 0], [len(members), len(strangers)])
        scores = np.concatenate([members, strangers])
        false_positive, true_positive, _ = roc_curve(truth, scores, drop_intermediate=False)
        mine = roc(members, strangers)
        assert mine.false_positive == pytest.approx(false_positive)
        assert mine.true_positive == pytest.approx(true_positive)
        assert auc(members, strangers) == pytest.approx(roc_auc_score(truth, scores))
        assert mine.flat()[:2] == [0.0, 0.0] and mine.flat()[-2:] == [1.0, 1.0]


@settings(max_examples=60, deadline=None)
@given(SCORES, SCORES)
def test_the_area_does_not_change_under_a_monotone_transform_and_turns_over_with_the_sign(members, strangers):
    area = auc(members, strangers)
    assert auc(np.exp(members) + members, np.exp(strangers) + strangers) == pytest.approx(area)
    assert auc(-members, -strangers) == pytest.approx(1.0 - area)
    mine = roc(members, strangers)
    assert np.trapezoid(mine.true_positive, mine.false_positive) == pytest.approx(area)


def test_true_positives_at_a_low_rate_are_read_off_the_curve():
    curve = roc(np.array([5.0, 4.0, 1.0]), np.array([3.0, 2.0, 0.0, 0.0]))
    assert true_positive_at(curve, 0.0) == pytest.approx(2.0 / 3.0)
    assert true_positive_at(curve, 0.5) == 1.0


def test_delongs_interval_holds_the_true_area_about_as_often_as_it_says():
    draw, truth = np.random.default_rng(1), norm.cdf(1.0 / np.sqrt(2.0))
    held = 0
    for _ in range(300):
        low, high = auc_interval(draw.normal(1.0, 1.0, 40), draw.normal(size=50))
        held += low <= truth <= high
    assert 0.92 <= held / 300 <= 0.98


@pytest.mark.parametrize("members", [3, 12, 100])
def test_an_area_of_one_gets_the_exact_binomial_bound_and_not_certainty(members):
    low, high = auc_interval(np.ones(members), np.zeros(200))
    assert high == 1.0
    assert low == pytest.approx(0.025 ** (1.0 / members))
    assert auc_interval(np.zeros(members), np.ones(200)) == pytest.approx((0.0, 1.0 - low))


def test_rows_that_are_all_tied_say_nothing():
    assert auc_interval(np.ones(5), np.ones(7)) == (0.0, 1.0)
