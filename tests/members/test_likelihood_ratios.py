"""LiRA and U-LiRA against a toy whose likelihood ratio is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from unlearning.verification.members.curves import auc
from unlearning.verification.members.likelihood import enough, offline_scores, online_scores

GAIN, SPREAD = 1.5, 0.8


class Toy:
    """Confidence in row n is N(m_n, SPREAD) for models without it and N(m_n + GAIN, SPREAD) for models with it."""

    def __init__(self, *, shadows: int, rows: int = 400, seed: int = 0, own_spreads: bool = False) -> None:
        self.draw = np.random.default_rng(seed)
        self.easy = self.draw.normal(0.0, 5.0, rows)
        self.spread = self.draw.uniform(0.2, 2.0, rows) if own_spreads else np.full(rows, SPREAD)
        half = np.arange(shadows)[:, None] % 2 == 0
        self.inside = np.where(self.draw.random(rows) < 0.5, half, ~half)
        self.shadows = self.easy + GAIN * self.inside + self.noise((shadows, rows))
        self.member = self.draw.random(rows) < 0.5
        self.judged = self.easy + GAIN * self.member + self.noise(rows)

    def noise(self, shape) -> np.ndarray:
        return self.spread * self.draw.normal(size=shape)

    @property
    def exact(self) -> np.ndarray:
        """log N(x; m + g, s) - log N(x; m, s) = g (x - m - g/2) / s^2."""
        return GAIN * (self.judged - self.easy - GAIN / 2.0) / self.spread**2

    def area(self, scores: np.ndarray) -> float:
        return auc(scores[self.member], scores[~self.member])


def test_with_many_shadows_the_online_score_is_the_exact_log_likelihood_ratio():
    toy = Toy(shadows=20_000, rows=50)
    scores = online_scores(toy.judged, toy.shadows, toy.inside, ~toy.inside)
    assert scores == pytest.approx(toy.exact, abs=0.3)
    assert np.corrcoef(scores, toy.exact)[0, 1] > 0.999


@pytest.mark.parametrize("own_spreads", [False, True])
def test_its_area_is_the_known_one_where_the_confidence_alone_tells_next_to_nothing(own_spreads):
    toy = Toy(shadows=200, rows=4000, own_spreads=own_spreads)
    scores = online_scores(toy.judged, toy.shadows, toy.inside, ~toy.inside)
    assert toy.area(scores) == pytest.approx(toy.area(toy.exact), abs=0.01)
    if not own_spreads:
        assert toy.area(toy.exact) == pytest.approx(norm.cdf(GAIN / SPREAD / np.sqrt(2.0)), abs=0.02)
    assert toy.area(toy.judged) < 0.62


def test_few_shadows_share_one_spread_and_still_come_close():
    toy = Toy(shadows=16, rows=4000)
    scores = online_scores(toy.judged, toy.shadows, toy.inside, ~toy.inside)
    assert toy.area(scores) > toy.area(toy.exact) - 0.03


def test_offline_needs_no_shadow_that_held_the_row_and_orders_rows_alike_where_spreads_are_equal():
    toy = Toy(shadows=2000)
    scores = offline_scores(toy.judged, toy.shadows, ~toy.inside)
    assert np.corrcoef(scores, toy.exact)[0, 1] > 0.999
    nobody_asked = np.where(toy.inside, np.nan, toy.shadows)
    assert offline_scores(toy.judged, np.nan_to_num(nobody_asked), ~toy.inside) == pytest.approx(scores)


def test_an_offline_score_does_not_saturate_far_out():
    toy = Toy(shadows=40)
    far = offline_scores(toy.judged + np.array([40.0]), toy.shadows, ~toy.inside)
    further = offline_scores(toy.judged + np.array([80.0]), toy.shadows, ~toy.inside)
    assert (further > far).all()


def test_a_row_that_too_few_shadows_held_is_noticed():
    marks = np.ones((8, 3), dtype=bool)
    marks[3:, 1] = False
    assert enough(marks).tolist() == [True, False, True]
