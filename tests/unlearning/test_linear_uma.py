"""The closed-form attack: the minimum it finds is the true one, and what it finds can be replayed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from unlearning.verification.linear_uma import smallest_changes, successes


def test_a_hand_computed_binary_row():
    # Scores (0, w.x + b) with w = (3, 4): to lift the margin -10 to 0 takes 10/5 in l2 and 10/7 in l-infinity.
    weights_CF = np.array([[0.0, 0.0], [3.0, 4.0]])
    scores_NC = np.array([[0.0, -10.0], [0.0, 1.0]])
    targets = np.array([1, 1])
    assert smallest_changes(scores_NC, weights_CF, targets, norm="l2") == pytest.approx([2.0, 0.0])
    assert smallest_changes(scores_NC, weights_CF, targets, norm="linf") == pytest.approx([10 / 7, 0.0])


def test_a_hand_computed_row_between_two_rivals():
    # Target needs d1 >= 1 and d2 >= 1 at once: length sqrt(2) in l2, 1 in l-infinity; each alone would need only 1.
    weights_CF = np.array([[0.0, 0.0], [-1.0, 0.0], [0.0, -1.0]])
    scores_NC = np.array([[0.0, 1.0, 1.0]])
    assert smallest_changes(scores_NC, weights_CF, np.array([0]), norm="l2") == pytest.approx([np.sqrt(2)])
    assert smallest_changes(scores_NC, weights_CF, np.array([0]), norm="linf") == pytest.approx([1.0])


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_a_label_that_no_change_can_bring_out_is_infinitely_far(norm):
    flat = np.zeros((2, 3))
    assert smallest_changes(np.array([[1.0, 0.0]]), flat, np.array([1]), norm=norm).tolist() == [np.inf]
    # Rivals 1 and 2 pull in opposite directions and both lead: no row satisfies both.
    opposed = np.array([[0.0], [1.0], [-1.0]])
    assert smallest_changes(np.array([[0.0, 1.0, 1.0]]), opposed, np.array([0]), norm=norm).tolist() == [np.inf]


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.integers(0, 10**6), st.sampled_from(["l2", "linf"]))
def test_no_random_change_within_a_smaller_budget_ever_succeeds(classes, seed, norm):
    draw = np.random.default_rng(seed)
    weights_CF, scores_C = draw.normal(size=(classes, 8)), draw.normal(size=classes) * 2
    target = int(scores_C.argmin())
    (least,) = smallest_changes(scores_C[None], weights_CF, np.array([target]), norm=norm)
    tries = draw.normal(size=(4000, 8)) if norm == "l2" else draw.choice([-1.0, 1.0], size=(4000, 8))
    tries *= 0.999 * least / np.linalg.norm(tries, axis=1, ord=2 if norm == "l2" else np.inf, keepdims=True)
    reached = (scores_C + tries @ weights_CF.T).argmax(axis=1)
    assert not (reached == target).any()


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 6), st.integers(0, 10**6))
def test_the_l2_minimum_equals_a_general_solvers(classes, seed):
    draw = np.random.default_rng(seed)
    weights_CF, scores_C = draw.normal(size=(classes, 7)), draw.normal(size=classes) * 2
    target = int(scores_C.argmin())
    (least,) = smallest_changes(scores_C[None], weights_CF, np.array([target]), norm="l2")
    normals = np.delete(weights_CF[target] - weights_CF, target, axis=0)
    gaps = np.delete(scores_C - scores_C[target], target)
    start = np.linalg.lstsq(normals, gaps, rcond=None)[0]
    within = {"type": "ineq", "fun": lambda step: normals @ step - gaps, "jac": lambda step: normals}
    peer = minimize(
        lambda step: step @ step, start, jac=lambda step: 2 * step, constraints=[within], options={"ftol": 1e-14}
    )
    assert least == pytest.approx(np.sqrt(peer.fun), rel=1e-5)


def test_success_is_monotone_in_the_budget_and_counts_ties():
    changes = np.array([0.0, 0.1, np.inf])
    assert successes(changes, budget=0.0) == [1, 0, 0]
    assert successes(changes, budget=0.1) == [1, 1, 0]
    assert successes(changes, budget=1e9) == [1, 1, 0]
