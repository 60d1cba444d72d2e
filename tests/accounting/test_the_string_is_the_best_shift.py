"""The taut string against the problem it solves: the shortest shifts that bring two worlds together."""

import numpy as np
import pytest
from scipy.optimize import minimize

from unlearning.accounting.minorant import energy, steps_points


def shortest_shifts(contractions: np.ndarray, drifts: np.ndarray, noises: np.ndarray) -> float:
    """min sum (a_k/s_k)^2 with a_k >= 0, z_k = c_k z_{k-1} + D_k - a_k >= 0 and z_K = 0, by a general solver."""
    steps = len(drifts)
    reach = np.zeros((steps, steps))  # z = reach @ (drifts - a)
    for late in range(steps):
        for early in range(late + 1):
            reach[late, early] = np.prod(contractions[early + 1 : late + 1])
    found = minimize(
        lambda a: float(np.sum((a / noises) ** 2)),
        x0=drifts,
        jac=lambda a: 2 * a / noises**2,
        bounds=[(0.0, None)] * steps,
        constraints=[
            {"type": "ineq", "fun": lambda a: (reach @ (drifts - a))[:-1], "jac": lambda a: -reach[:-1]},
            {"type": "eq", "fun": lambda a: (reach @ (drifts - a))[-1:], "jac": lambda a: -reach[-1:]},
        ],
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert found.success, found.message
    return float(found.fun)


@pytest.mark.parametrize("seed", range(12))
def test_no_general_solver_finds_shorter_shifts_than_the_string(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = 8
    contractions, noises = rng.uniform(0.5, 1.0, steps), rng.uniform(0.3, 2.0, steps)
    drifts = rng.uniform(0.0, 1.0, steps) * (rng.random(steps) < 0.6)  # in some steps nobody is there
    best = energy(steps_points(list(contractions), list(drifts), list(noises)))
    assert best == pytest.approx(shortest_shifts(contractions, drifts, noises), rel=1e-6, abs=1e-10)
