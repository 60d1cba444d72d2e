"""Rows that stay: a candidate came of the original and knows what that knew; retrained ones drew lots of their own."""

import random

from governance.verification.rungs import Rung, of_survivors

RULES = {"resamples": 500, "seed": 0}


def lots(rate: float, count: int, draw: random.Random) -> list[int]:
    return [int(draw.random() < rate) for _ in range(count)]


def judged(*, lost: float, count: int = 300, references: int = 5):
    """The original and every reference know four in five rows, each its own; the candidate lost some of the first."""
    draw = random.Random(1)
    original = lots(0.8, count, draw)
    candidate = [bit * kept for bit, kept in zip(original, lots(1 - lost, count, draw), strict=True)]
    others = [lots(0.8, count, draw) for _ in range(references)]
    rung = Rung(budget=0.5, a=candidate, b=others, c=[], d=[], e=[], p=original)
    return of_survivors("scope.neighbours", rung, RULES, 0.05, margin=0.2)


def test_an_undamaged_candidate_is_neither_above_nor_below_retrained_models():
    found = judged(lost=0.0)
    assert abs(found.x.value) < 0.06 and found.informative


def test_what_was_lost_shows_in_full_though_the_rest_is_what_the_original_knew():
    """On the rows that the original knew this candidate stood where retrained ones do, and passed."""
    found = judged(lost=0.35)
    assert found.x.value < -0.2


def test_the_margin_is_a_share_of_what_was_known():
    assert abs(judged(lost=0.0).margin - 0.2 * 0.8) < 0.02
