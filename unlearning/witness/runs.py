"""Runs of the retained descent by the witness's own hand: without noise, and honest ones with noise of its own."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from unlearning.witness.claim import Claim
from unlearning.witness.objective import Floats, Objective

_AT_ONCE = 4_000_000  # logits held at one time: 32 MB


def descended(objective: Objective, start_KG: Floats, *, eta: float, steps: int) -> Floats:
    """`steps` steps without noise."""
    theta_KG = start_KG
    for _ in range(steps):
        theta_KG = theta_KG - eta * objective.gradient(theta_KG)
    return theta_KG


def honest_runs(
    objective: Objective,
    start_KG: Floats,
    claim: Claim,
    *,
    steps: int,
    count: int,
    draw: np.random.Generator,
    after_step: Callable[[], None],
) -> Floats:
    """The last iterates of `count` runs that do what the ledger claims; shape (S, K, G), rounded as a release is."""
    at_once = max(1, _AT_ONCE // (len(objective.rows) * len(start_KG)))
    scale, ends = math.sqrt(claim.step_variance), []
    for first in range(0, count, at_once):
        thetas_SKG = np.repeat(start_KG[None], min(at_once, count - first), axis=0)
        for _ in range(steps):
            shake_SKG = scale * draw.standard_normal(thetas_SKG.shape)
            thetas_SKG = thetas_SKG - claim.eta * objective.gradients(thetas_SKG) + shake_SKG
            after_step()
        ends.append(thetas_SKG.astype(np.float32).astype(np.float64))
    return np.concatenate(ends)


def blocks(objective: Objective, outputs: int, *, count: int) -> int:
    """How many blocks `honest_runs` will work through, for progress in steps."""
    return math.ceil(count / max(1, _AT_ONCE // (len(objective.rows) * outputs)))
