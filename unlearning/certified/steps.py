"""The noisy gradient steps themselves.

    theta <- theta - eta (sum of row gradients / denominator + lam theta) + sqrt(2 eta) sigma N(0, I)

Fixed public denominator (n_0, or the batch size b): a removed row leaves an empty slot that contributes zero, so nobody
else's share changes. float64 throughout; the number of steps is fixed beforehand and nothing is looked at on the way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from unlearning.certified.constants import Constants
from unlearning.certified.kernel import Chunk, gradient_sum
from unlearning.certified.noise import NoiseStream
from unlearning.certified.objective import Excess
from unlearning.certified.precision import refuse_reduced_precision
from unlearning.runner.refusals import Refused

AfterStep = Callable[[int], None]
Batches = Sequence[Sequence[Chunk]]


def steps_over(
    theta: Tensor, batches: Batches, *, excess: Excess, constants: Constants, after_step: AfterStep
) -> Tensor:
    """Noisy steps over chunks of rows: step k sees batch k modulo their number, in one order for all epochs.

    Full batch is one batch. Assumes rows of length <= norm_bound once shrunk. Theorem: certified_deletion 2.2, 2.3.
    Raises: Refused with REDUCED_PRECISION or ROWS_EXCEED_N_0.
    """
    _refuse_overfull(max(sum(chunk.rows for chunk in chunks) for chunks in batches), constants)

    def gradient(step: int, now: Tensor) -> Tensor:
        return gradient_sum(now, batches[step % len(batches)], excess=excess)

    return _descend(theta, gradient, constants, after_step)


def noisy_steps(
    theta: Tensor,
    rows_NG: Tensor,
    targets: Tensor,
    *,
    gradient: Callable[[Tensor, Tensor, Tensor], Tensor],
    constants: Constants,
    after_step: AfterStep,
) -> Tensor:
    """The same steps under a gradient of the caller's own, for audits and exact laws: gradient(theta, rows, targets).

    Raises: Refused with REDUCED_PRECISION or ROWS_EXCEED_N_0.
    """
    _refuse_overfull(len(rows_NG), constants)
    return _descend(theta, lambda _step, now: gradient(now, rows_NG, targets), constants, after_step)


def _descend(theta: Tensor, gradient: Callable[[int, Tensor], Any], constants: Constants, after: AfterStep) -> Tensor:
    """Exactly `constants.steps` noisy steps; the last iterate, and none before it survives."""
    refuse_reduced_precision(theta)
    scale = math.sqrt(2.0 * constants.eta) * constants.sigma
    with NoiseStream() as noise:
        for step in range(constants.steps):
            drift = gradient(step, theta) / constants.denominator + constants.lam * theta
            shake = torch.from_numpy(noise.normals(theta.numel())).reshape(theta.shape).to(theta.device)
            theta = theta - constants.eta * drift + scale * shake
            after(step + 1)
    return theta


def _refuse_overfull(rows: int, constants: Constants) -> None:
    """More rows than the denominator would make the mean loss curve more than beta, and contraction is lost."""
    if rows > constants.denominator:
        raise Refused(
            "ROWS_EXCEED_N_0",
            f"expected at most {constants.denominator} rows in a step, got {rows}.",
            "Fix a larger n_0.",
        )
