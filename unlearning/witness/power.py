"""What the witness could see at all, from public numbers alone, so that saying so tells nothing of anybody's row.

The eigenvalues of the retained loss are the rows' affair, but their sum is bounded: the penalty's D lam plus at most
norm_bound^2 / 4 per output column (binary, one against the rest) or norm_bound^2 (1 - 1 / C) (softmax). Power is
computed for both extremes, that much spread evenly and none of it, and the smaller is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincinv

from unlearning.witness.claim import Claim
from unlearning.witness.law import above_quadratics
from unlearning.witness.questions import LAST_RUN
from unlearning.witness.view import noise_variance

ENOUGH = 0.95
_DRAWS = 500_000  # numbers drawn in all
_SHARES = {(question.statistic, question.side): question.share for question in LAST_RUN}


@dataclass(frozen=True)
class Power:
    """Chances that the witness catches half the noise (standard deviation), and half the steps.

    half_steps is None for a run from zero: how far zero is from the minimiser is no public number, and a run from zero
    cannot leave anything of old weights behind.
    """

    half_noise: float
    half_steps: float | None

    @property
    def enough(self) -> bool:
        """Whether both would be caught in at least 19 of 20 trials."""
        return self.half_noise >= ENOUGH and (self.half_steps is None or self.half_steps >= ENOUGH)


def power_of(claim: Claim, *, outputs: int, features: int, level: float, seed: int) -> Power:
    """Power for a model of so many outputs and features (the intercept's among them)."""
    count, draw = outputs * features, np.random.default_rng(seed)
    noise = _half_noise(count, level=level)
    if claim.before == 0:
        return Power(noise, None)
    per_row = 1.0 - 1.0 / outputs if claim.loss == "softmax" else outputs / 4.0
    evenly = claim.lam + min(claim.beta, per_row * claim.norm_bound**2 / count)
    steps = min(_half_steps(claim, curvature, count=count, level=level, draw=draw) for curvature in (claim.lam, evenly))
    return Power(noise, steps)


def _half_noise(count: int, *, level: float) -> float:
    """P[chi^2 / 4 <= the lower point of chi^2]: exact."""
    bar = gammaincinv(count / 2.0, level * _SHARES["total", "below"])
    return float(gammainc(count / 2.0, 4.0 * bar))


def _half_steps(claim: Claim, curvature: float, *, count: int, level: float, draw: np.random.Generator) -> float:
    """Simulated: starts left by the earlier steps' noise, half the last run's steps, the test of questions.py."""
    half = (claim.steps + 1) // 2
    if half == claim.steps:
        return 0.0
    kept = 1.0 - claim.eta * curvature
    counts = (claim.steps, half, claim.before)
    full, short, old = (float(noise_variance(claim, np.array([curvature]), steps=steps)[0]) for steps in counts)
    ratio, shift = short / full, (kept**half - kept**claim.steps) * math.sqrt(old / full)
    trials = min(2000, max(200, _DRAWS // count))
    toward = shift * draw.standard_normal((trials, count))
    white = toward + math.sqrt(ratio) * draw.standard_normal((trials, count))
    squares = np.full(count, (1.0 - 1.0 / ratio) / 2.0)
    found = (white**2) @ squares + (white * toward).sum(axis=1) / ratio
    by_steps = above_quadratics(found, squares, toward / ratio) <= level * _SHARES["steps", "above"]
    lower = gammaincinv(count / 2.0, level * _SHARES["total", "below"]) * 2.0
    return max(float(by_steps.mean()), float(((white**2).sum(axis=1) <= lower).mean()))
