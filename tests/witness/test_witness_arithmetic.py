"""The witness's own arithmetic against other people's: finite differences, scikit-learn, scipy, brute force."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2
from sklearn.linear_model import LogisticRegression

import unlearning.witness
from unlearning.accounting import Deleted, Ledger, Problem, Retrained, Steps, Trained
from unlearning.witness.basis import basis_at
from unlearning.witness.claim import CannotTellError, Claim, claim_of
from unlearning.witness.law import above_quadratics, chi_square, quadratic
from unlearning.witness.minimiser import minimiser
from unlearning.witness.objective import Objective, prepared, targets
from unlearning.witness.power import power_of
from unlearning.witness.questions import LAST_RUN, WHOLE_LINE
from unlearning.witness.view import noise_variance

LOSSES = ("binary", "softmax", "one_vs_rest")
CLAIM = Claim(
    lam=0.01,
    beta=0.5,
    eta=1.9,
    sigma=0.019,
    n_0=1440,
    norm_bound=1.0,
    classes=10,
    loss="softmax",
    steps=60,
    before=160,
)
PROBLEM = Problem(
    lam=0.01,
    beta=0.25,
    lipschitz=1.0,
    n=480,
    eta=3.8,
    sigma=0.041,
    adjacency="zero_out",
    assumption="strongly_convex",
    rho=1e-6,
    features=31,
    classes=2,
    norm_bound=1.0,
)


def a_problem(loss: str, *, rows: int = 40, features: int = 4) -> Objective:
    draw = np.random.default_rng(5)
    classes = (3, 8) if loss == "binary" else (3, 8, 9)
    labels = draw.choice(classes, size=rows)
    made = prepared(
        draw.normal(size=(rows, features)), centres=[0.1] * features, scales=[2.0] * features, norm_bound=1.0
    )
    return Objective(made, targets(labels, classes, loss), loss, 0.02, rows + 3)  # type: ignore[arg-type]


def value_of(objective: Objective, theta: np.ndarray) -> float:
    """F, written a third time and for one row after the other."""
    total = 0.0
    for row, wanted in zip(objective.rows, objective.targets, strict=True):
        logits = theta @ row
        if objective.loss == "softmax":
            total += np.log(np.exp(logits).sum()) - logits @ wanted
        else:
            total += (np.log1p(np.exp(logits)) - wanted * logits).sum()
    return float(total / objective.n_0 + objective.lam / 2 * (theta**2).sum())


@pytest.mark.parametrize("loss", LOSSES)
def test_gradient_and_hessian_are_the_losss_own(loss):
    objective = a_problem(loss)
    theta = np.random.default_rng(1).normal(size=(objective.targets.shape[1], objective.rows.shape[1]))
    step = 1e-5
    for place in np.ndindex(theta.shape):
        aside = np.zeros_like(theta)
        aside[place] = step
        slope = (value_of(objective, theta + aside) - value_of(objective, theta - aside)) / (2 * step)
        assert slope == pytest.approx(objective.gradient(theta)[place], abs=1e-8)
        bend = (objective.gradient(theta + aside) - objective.gradient(theta - aside)) / (2 * step)
        flat = np.ravel_multi_index(place, theta.shape)
        assert np.allclose(bend.ravel(), objective.hessian(theta)[flat], atol=1e-8)
    direction = np.random.default_rng(2).normal(size=theta.shape)
    product = objective.times(objective.weights(theta), direction).ravel()
    assert np.allclose(product, objective.hessian(theta) @ direction.ravel())


def test_many_models_at_once_get_the_gradients_of_each():
    objective = a_problem("softmax")
    thetas = np.random.default_rng(3).normal(size=(4, 3, 5))
    assert np.allclose(objective.gradients(thetas), [objective.gradient(theta) for theta in thetas])


def test_the_minimiser_is_scikit_learns():
    objective = a_problem("softmax")
    found = minimiser(objective, np.zeros((3, 5)))
    penalty = 1.0 / (objective.lam * objective.n_0)
    theirs = LogisticRegression(C=penalty, fit_intercept=False, tol=1e-12, max_iter=10_000)
    theirs.fit(objective.rows, objective.targets.argmax(axis=1))
    assert np.allclose(found, theirs.coef_, atol=1e-6)
    assert np.linalg.norm(objective.gradient(found)) <= 1e-10


def test_the_direction_that_softmax_does_not_feel_is_curved_by_the_penalty_alone():
    objective = a_problem("softmax")
    theta = np.random.default_rng(4).normal(size=(3, 5))
    same_for_all_classes = np.tile(np.random.default_rng(6).normal(size=5), (3, 1))
    felt = objective.hessian(theta) @ same_for_all_classes.ravel()
    assert np.allclose(felt, objective.lam * same_for_all_classes.ravel())
    # And it stays among the directions that are tested: as many as there are weights.
    curvatures = basis_at(objective, theta).curvatures
    assert len(curvatures) == theta.size and np.isclose(curvatures, objective.lam).sum() >= 5


def test_the_variance_is_what_step_after_step_adds():
    curvatures = np.array([0.01, 0.07, 0.4])
    variance = np.zeros(3)
    for _ in range(7):
        variance = (1 - CLAIM.eta * curvatures) ** 2 * variance + 2 * CLAIM.eta * CLAIM.sigma**2
    assert np.allclose(noise_variance(CLAIM, curvatures, steps=7), variance)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 900), st.floats(0.3, 1.8))
def test_the_chi_squares_tails_are_scipys(count, share):
    law, value = chi_square(count), share * count
    assert law.below(value) == pytest.approx(chi2.cdf(value, count), rel=1e-6, abs=1e-12)
    assert law.above(value) == pytest.approx(chi2.sf(value, count), rel=1e-6, abs=1e-12)


def test_a_weighted_sums_tail_is_nearly_what_chance_gives():
    draw = np.random.default_rng(8)
    squares, lines = -draw.uniform(0.0, 0.4, 31), draw.normal(size=31) / 3
    white = draw.standard_normal((200_000, 31))
    found = (white**2) @ squares + white @ lines
    law = quadratic(squares, lines)
    for share in (0.5, 0.05, 0.0025):
        bar = np.quantile(found, 1 - share)
        assert law.above(float(bar)) == pytest.approx(share, rel=0.15)


def test_many_tails_at_once_are_the_tails_one_by_one():
    draw = np.random.default_rng(9)
    lines, values = draw.normal(size=(20, 7)), draw.normal(size=20)
    for squares in (-draw.uniform(0.0, 0.4, 7), draw.uniform(0.0, 0.4, 7), np.zeros(7)):
        each = [quadratic(squares, own).above(float(value)) for own, value in zip(lines, values, strict=True)]
        assert np.allclose(above_quadratics(values, squares, lines), each)


def test_the_shares_of_all_questions_add_up_to_one():
    assert sum(question.share for question in LAST_RUN + WHOLE_LINE) == pytest.approx(1.0)


def test_a_claim_counts_the_steps_of_the_last_run_and_of_its_line():
    ledger = Ledger(problem=PROBLEM, events=(Trained(steps=76, job="a"),))
    assert (claim_of(ledger).steps, claim_of(ledger).before) == (76, 0)
    ledger = ledger.then(Deleted(records=1, batch="b"), Steps(steps=20, job="b"))
    ledger = ledger.then(Deleted(records=1, batch="c"), Steps(steps=30, job="c"))
    assert (claim_of(ledger).steps, claim_of(ledger).before) == (30, 96)
    assert claim_of(ledger).loss == "binary"
    anew = claim_of(ledger.then(Deleted(records=1, batch="d"), Retrained(steps=76, job="d")))
    assert (anew.steps, anew.before) == (76, 0)


def test_no_claim_is_read_where_the_noise_has_another_law():
    events = (Trained(steps=76, job="a"),)
    asked = {
        "MINI_BATCHES": replace(PROBLEM, batch=48, adjacency="zero_out"),
        "CHANGING_DENOMINATOR": replace(PROBLEM, adjacency="remove"),
        "LOSS_UNKNOWN": replace(PROBLEM, loss="capped_binary", lipschitz=0.5),
    }
    for code, problem in asked.items():
        with pytest.raises(CannotTellError) as caught:
            claim_of(Ledger(problem=problem, events=events))
        assert caught.value.code == code
    with pytest.raises(CannotTellError, match="NO_RUN"):
        claim_of(Ledger(problem=PROBLEM))


def test_power_is_lost_where_both_are_stationary_and_where_there_is_no_half():
    power = {
        steps: power_of(replace(CLAIM, steps=steps), outputs=10, features=65, level=0.01, seed=0)
        for steps in (1, 60, 400)
    }
    assert power[1].half_steps == 0.0 and not power[1].enough
    assert power[60].enough
    assert power[400].half_steps is not None and power[400].half_steps < 0.1 and power[400].half_noise > 0.99
    anew = power_of(replace(CLAIM, before=0), outputs=10, features=65, level=0.01, seed=0)
    assert anew.half_steps is None and anew.enough


def test_the_witness_shares_no_code_with_the_engine_it_watches():
    folder = Path(unlearning.witness.__path__[0])
    imported = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            imported |= {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
            imported |= {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
    assert "unlearning.witness.objective" in imported
    assert not [
        name for name in imported if name.startswith(("unlearning.certified", "torch", "unlearning.verification"))
    ]
