"""The tables of the reference by simulation beside quadrature: two ways to one number."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from unlearning.audit import Study, adaptive_requester, exact
from unlearning.audit.adaptive_requester import HALF, LEARN, SIGMAS, deleted_models, problem_of
from unlearning.audit.study import column, origin

SETTING = {"rows": adaptive_requester.ROWS, "eta": 0.5, "lam": 1.0, "learn": LEARN}
RUNS = 400_000
ERROR = 5 / np.sqrt(RUNS)  # five standard deviations of a difference of two proportions

pytestmark = pytest.mark.slow


def by_sign(low: np.ndarray, high: np.ndarray) -> float:
    return float((high > 0).mean() - (low > 0).mean())


def retrained_models(study: Study, *, sigma: float, target: float) -> np.ndarray:
    problem = problem_of(sigma)
    before = study.walk(origin(study.runs), pull=-target, problem=problem, steps=LEARN)
    pull = column(-HALF * np.sign(before[:, 0]))
    return study.walk(origin(study.runs), pull=pull, problem=problem, steps=LEARN, rows=HALF)[:, 0]


@pytest.mark.parametrize("sigma", SIGMAS)
def test_the_real_engine_gives_the_adaptive_requesters_table(sigma):
    study = Study(runs=RUNS)
    descended = by_sign(*(deleted_models(study, sigma=sigma, target=target) for target in (-1.0, 1.0)))
    retrained = by_sign(*(retrained_models(study, sigma=sigma, target=target) for target in (-1.0, 1.0)))
    assert descended == pytest.approx(exact.after_noisy_deletion(sigma=sigma, delete=8, **SETTING), abs=ERROR)
    assert retrained == pytest.approx(exact.after_retraining(sigma=sigma, **SETTING), abs=ERROR)


@pytest.mark.parametrize("candidates", [2, 5])
def test_drawn_gates_leak_between_two_values_what_quadrature_says(candidates):
    draw = np.random.default_rng(3)
    kept = (draw.standard_normal((RUNS, candidates)) + 0.1).min(axis=1)
    opposite = (draw.standard_normal((RUNS, candidates)) - 0.1).max(axis=1)
    assert -by_sign(opposite, kept) == pytest.approx(exact.best_of(candidates, mu=0.1)[1], abs=ERROR)


@pytest.mark.parametrize("failing", [0.05, 0.10, 0.30])
def test_redrawn_gates_leak_between_present_and_absent_what_quadrature_says(failing):
    """The best test says "present" between some point and the gate's edge."""
    draw = np.random.default_rng(4)
    edge = ndtri(1 - failing)
    drawn = draw.standard_normal(4 * RUNS) + 0.1
    passed, absent = drawn[drawn <= edge][:RUNS], draw.standard_normal(RUNS)
    below = absent[absent <= edge]
    leak = max((passed > point).mean() - (below > point).sum() / RUNS for point in np.linspace(-5, edge, 200))
    assert leak == pytest.approx(exact.redrawn_until_pass(mu=0.1, failing=failing)[0], abs=ERROR)
