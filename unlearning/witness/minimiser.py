"""The exact minimiser of the retained loss, by Newton steps whose equations conjugate gradients solve."""

from __future__ import annotations

import numpy as np

from unlearning.witness.claim import CannotTellError
from unlearning.witness.objective import Floats, Objective

_NEWTON_STEPS = 50
_CLOSE = 1e-10


def minimiser(objective: Objective, start_KG: Floats) -> Floats:
    """theta* with a gradient of length 1e-10 or less; the penalty makes it the only one.

    Raises: CannotTellError with NO_MINIMISER.
    """
    theta_KG, gradient_KG = start_KG, objective.gradient(start_KG)
    for _ in range(_NEWTON_STEPS):
        length = float(np.linalg.norm(gradient_KG))
        if length <= _CLOSE:
            return theta_KG
        step_KG = _newton_step(objective, theta_KG, gradient_KG)
        stride = 1.0
        # A full step can overshoot far from the minimum; the gradient's length falls along a short enough one.
        while stride > 1e-6:
            gradient_KG = objective.gradient(theta_KG - stride * step_KG)
            if np.linalg.norm(gradient_KG) < length:
                break
            stride /= 2.0
        theta_KG = theta_KG - stride * step_KG
    raise CannotTellError("NO_MINIMISER", "the minimiser of the retained loss was not found to ten digits")


def _newton_step(objective: Objective, theta_KG: Floats, gradient_KG: Floats) -> Floats:
    """Solve H step = gradient by conjugate gradients, to a thousandth of its length times that length."""
    weights_NKK = objective.weights(theta_KG)
    step_KG = np.zeros_like(gradient_KG)
    left_KG, along_KG = gradient_KG, gradient_KG
    size = float((left_KG**2).sum())
    good = size * min(1e-6, size)
    for _ in range(10 * gradient_KG.size):
        image_KG = objective.times(weights_NKK, along_KG)
        stride = size / float((along_KG * image_KG).sum())
        step_KG = step_KG + stride * along_KG
        left_KG = left_KG - stride * image_KG
        size, before = float((left_KG**2).sum()), size
        if size <= good:
            break
        along_KG = left_KG + (size / before) * along_KG
    return step_KG
