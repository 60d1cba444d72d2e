"""The noisy gradient steps themselves.

    theta <- theta - eta (sum of row gradients / n_0 + lam theta) + sqrt(2 eta) sigma N(0, I)

Full batch with a fixed public denominator n_0: a removed row leaves an empty slot that contributes zero, so nobody
else's share changes. float64 throughout; the number of steps is fixed beforehand and nothing is looked at on the way.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable

import torch
from torch import Tensor

from unlearning.certified.constants import Constants
from unlearning.certified.noise import NoiseStream
from unlearning.certified.objective import Gradient
from unlearning.runner.refusals import Refused

_TF32_SWITCHES = ("NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE")


def noisy_steps(
    theta: Tensor,
    rows_NG: Tensor,
    targets: Tensor,
    *,
    gradient: Gradient,
    constants: Constants,
    after_step: Callable[[int], None],
) -> Tensor:
    """Take exactly `constants.steps` noisy steps from `theta` and return the last iterate; none before it survives.

    Theorem: shifted interpolation (certified_deletion 2.2). Assumes rows of length <= norm_bound and at most n_0 rows.
    Raises: Refused with REDUCED_PRECISION or ROWS_EXCEED_N_0.
    """
    refuse_reduced_precision()
    if len(rows_NG) > constants.n_0:
        # More rows than the denominator would make the mean loss curve more than beta, and contraction is lost.
        raise Refused(
            "ROWS_EXCEED_N_0", f"expected at most n_0 = {constants.n_0} rows, got {len(rows_NG)}.", "Fix a larger n_0."
        )
    scale = math.sqrt(2.0 * constants.eta) * constants.sigma
    with NoiseStream() as noise:
        for step in range(1, constants.steps + 1):
            drift = gradient(theta, rows_NG, targets) / constants.n_0 + constants.lam * theta
            shake = torch.from_numpy(noise.normals(theta.numel())).reshape(theta.shape)
            theta = theta - constants.eta * drift + scale * shake
            after_step(step)
    return theta


def refuse_reduced_precision() -> None:
    """A certificate needs float64; TF32 alone would cost mu of about one (guarantees H8).

    Raises: Refused with REDUCED_PRECISION.
    """
    on = [name for name in _TF32_SWITCHES if os.environ.get(name, "0") == "1"]
    if torch.get_float32_matmul_precision() != "highest":
        on.append("torch.set_float32_matmul_precision")
    if torch.backends.cuda.matmul.allow_tf32:
        on.append("torch.backends.cuda.matmul.allow_tf32")
    if torch.is_autocast_enabled() or torch.is_autocast_enabled("cpu"):
        on.append("autocast")
    if on:
        raise Refused(
            "REDUCED_PRECISION", f"expected full precision, found {', '.join(on)} switched on.", "Switch it off."
        )
