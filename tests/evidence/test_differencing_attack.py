"""An attacker who holds old and new releases of two models together: beaten by no single number, held by the joint one.

The exact law of noisy descent in one dimension, where the bound is tight: every row pulls with its full Lipschitz
constant and nothing curves, so that the published models are jointly Gaussian, with one mean if the person was there
and another if not. The best test between the two is known (Neyman and Pearson), and is run here.
"""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from evidence.pricing import jointly, line_bounds
from unlearning.accounting import Deleted, GdpBound, Ledger, Problem, Released, Steps, Trained

BATCH = "job_" + "1" * 32
TRIALS = 100_000
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """Learn, publish, delete the person, publish again."""

    lam: float
    sigma: float
    learn: int
    delete: int

    @property
    def problem(self) -> Problem:
        return Problem(
            lam=self.lam, beta=0.0, lipschitz=1.0, n=100, eta=0.5, sigma=self.sigma, adjacency="zero_out", rho=0.0,
            features=1, classes=2, norm_bound=1.0,
        )  # fmt: skip

    @property
    def ledger(self) -> Ledger:
        train, delete = Trained(steps=self.learn, job="job_0"), Steps(steps=self.delete, job=BATCH)
        events = (train, Released(release="r0"), Deleted(records=1, batch=BATCH), delete, Released(release="r1"))
        return Ledger(problem=self.problem, events=events)

    def law(self) -> tuple[Vector, Vector]:
        """How far the person moves the mean of (old release, new release), and the covariance of the two."""
        c, s, drift = self.problem.contraction, self.problem.noise, self.problem.drift(1)
        moved = drift * sum(c**k for k in range(self.learn))
        old = s * s * sum(c ** (2 * k) for k in range(self.learn))
        fade = c**self.delete
        new = fade * fade * old + s * s * sum(c ** (2 * k) for k in range(self.delete))
        return np.array([moved, fade * moved]), np.array([[old, fade * old], [fade * old, new]])

    def bounds(self) -> tuple[GdpBound, GdpBound]:
        return line_bounds(self.ledger.to_dict(), group=1, batch=BATCH)


FIRST = Line(lam=0.2, sigma=0.05, learn=30, delete=6)
SECOND = Line(lam=0.1, sigma=0.07, learn=40, delete=9)


def distance(moved: Vector, covariance: Vector) -> float:
    return float(math.sqrt(moved @ np.linalg.solve(covariance, moved)))


def advantage_of_the_best_test(lines: list[Line], *, seed: int) -> float:
    """Published models are drawn with and without the person; how often the likelihood ratio tells them apart."""
    generator, score_in, score_out = np.random.default_rng(seed), np.zeros(TRIALS), np.zeros(TRIALS)
    threshold = 0.0
    for line in lines:
        moved, covariance = line.law()
        weights = np.linalg.solve(covariance, moved)
        noise_in, noise_out = (generator.multivariate_normal(np.zeros(2), covariance, TRIALS) for _ in range(2))
        score_in += (noise_in + moved) @ weights
        score_out += noise_out @ weights
        threshold += 0.5 * float(moved @ weights)
    return float((score_in > threshold).mean() - (score_out > threshold).mean())


def test_the_joint_b_of_two_models_is_the_exact_law_of_all_four_releases() -> None:
    exact = math.hypot(*(distance(*line.law()) for line in (FIRST, SECOND)))
    joint_b = jointly(line.bounds()[1] for line in (FIRST, SECOND))
    assert joint_b.mu == pytest.approx(exact, rel=1e-9)


def test_whoever_sees_new_releases_only_stays_within_the_joint_a() -> None:
    laws = (FIRST.law(), SECOND.law())
    seen = math.hypot(*(float(moved[1] / math.sqrt(covariance[1, 1])) for moved, covariance in laws))
    assert seen <= jointly(line.bounds()[0] for line in (FIRST, SECOND)).mu * (1 + 1e-9)


def test_old_and_new_releases_of_two_models_together_beat_a_and_any_one_models_b_but_not_the_joint_b() -> None:
    lines = [FIRST, SECOND]
    won, error = advantage_of_the_best_test(lines, seed=1), 5 * math.sqrt(0.5 / TRIALS)
    a, b = (jointly(line.bounds()[place] for line in lines).advantage for place in (0, 1))
    assert won > a + error, "the differencing attack must be worth something, or this test shows nothing"
    assert won > max(line.bounds()[1].advantage for line in lines) + error, "one model's B is not enough"
    assert won <= b + error


def test_the_new_releases_alone_leave_the_attacker_with_a() -> None:
    moved, covariance = FIRST.law()
    generator = np.random.default_rng(2)
    drawn = generator.normal(0.0, math.sqrt(covariance[1, 1]), (2, TRIALS))
    won = float((drawn[0] + moved[1] > moved[1] / 2).mean() - (drawn[1] > moved[1] / 2).mean())
    assert won <= FIRST.bounds()[0].advantage + 5 * math.sqrt(0.5 / TRIALS)
