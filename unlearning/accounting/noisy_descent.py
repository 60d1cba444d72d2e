"""What learning and one deletion cost under noisy gradient descent (certified_deletion.md 2.2, guarantees.md H4).

Shifted interpolation (Bok, Su, Altschuler, ICML 2024) for learning, extended to edits. Both bounds are attained by a
linear loss with a common quadratic and a fixed start. They compare the run with the same pipeline that never held the
group; for `zero_out` that is present against absent, and two values of one row cost twice the mu.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from unlearning.accounting.descent import FLOAT64_RHO, Adjacency, Assumption, Descent
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.minorant import Run, runs_energy


def learning_privacy(
    *,
    lam: float,
    beta: float,
    lipschitz: float,
    n: int,
    eta: float,
    sigma: float,
    steps_learn: int,
    group: int = 1,
    adjacency: Adjacency = "replace",
    assumption: Assumption = "strongly_convex",
    rho: float = FLOAT64_RHO,
    draws: int = 1,
) -> GdpBound:
    """What the model after `steps_learn` steps says about a group of rows at most.

    mu^2 = (D/s)^2 (1-c^K)(1+c) / ((1+c^K)(1-c)) per draw, for K steps. Theorem of certified_deletion.md 2.2, version 1.
    Raises: AccountingError with the codes of section 2.7.
    """
    descent = Descent(
        lam=lam,
        beta=beta,
        lipschitz=lipschitz,
        n=n,
        eta=eta,
        sigma=sigma,
        adjacency=adjacency,
        assumption=assumption,
        rho=rho,
    )
    return learning_bound_of(descent, steps_learn=steps_learn, group=group, draws=draws)


def deletion_bound(
    *,
    lam: float,
    beta: float,
    lipschitz: float,
    n: int,
    eta: float,
    sigma: float,
    steps_learn: int,
    steps_delete: int,
    group: int = 1,
    adjacency: Adjacency = "replace",
    assumption: Assumption = "strongly_convex",
    rho: float = FLOAT64_RHO,
    draws: int = 1,
) -> GdpBound:
    """What the model after a deletion still says about the deleted group, to whoever saw nothing earlier (A).

    mu^2 = (D/s)^2 (1+c)/(1-c) (1-c^KA)^2 / (1 - c^2KA + (c^-2KD - 1)/m) for m draws, all seen. Under assumption
    `none` steps buy nothing: the learning bound comes back. Theorem of certified_deletion.md 2.2, version 1.
    Raises: AccountingError with the codes of section 2.7.
    """
    descent = Descent(
        lam=lam,
        beta=beta,
        lipschitz=lipschitz,
        n=n,
        eta=eta,
        sigma=sigma,
        adjacency=adjacency,
        assumption=assumption,
        rho=rho,
    )
    return deletion_bound_of(descent, steps_learn=steps_learn, steps_delete=steps_delete, group=group, draws=draws)


def learning_bound_of(descent: Descent, *, steps_learn: int, group: int = 1, draws: int = 1) -> GdpBound:
    """`learning_privacy` for constants already checked. Raises: K_LEARN_NOT_POSITIVE."""
    require_steps("K_LEARN_NOT_POSITIVE", steps_learn)
    return bound_of(descent, [present(descent, steps_learn, group, draws=draws)])


def deletion_bound_of(
    descent: Descent, *, steps_learn: int, steps_delete: int, group: int = 1, draws: int = 1
) -> GdpBound:
    """`deletion_bound` for constants already checked. Raises: K_LEARN_NOT_POSITIVE, K_DELETE_NOT_POSITIVE."""
    require_steps("K_LEARN_NOT_POSITIVE", steps_learn)
    require_steps("K_DELETE_NOT_POSITIVE", steps_delete)
    learn = present(descent, steps_learn, group)
    return bound_of(descent, [learn, absent(descent, steps_delete, group, draws=draws)])


def present(descent: Descent, steps: int, group: int, *, draws: int = 1, removed_before: int = 0) -> Run:
    """Steps whose gradient sees the group: drift D + 2 rho. m draws seen from one start: noise s / sqrt(m)."""
    drift = descent.drift(group, removed_before=removed_before)
    return _run(descent, steps, drift + 2.0 * descent.rho if group else 0.0, draws)


def absent(descent: Descent, steps: int, group: int, *, draws: int = 1) -> Run:
    """Steps after the group left: what stays of the drift is the rounding of two states that differ, 2 rho (H8)."""
    return _run(descent, steps, 2.0 * descent.rho if group else 0.0, draws)


def bound_of(descent: Descent, runs: Sequence[Run]) -> GdpBound:
    """One stretch of runs, nothing seen in between. Without an assumption: plain composition over the steps present."""
    if descent.assumption == "none":
        floor = 2.0 * descent.rho
        return GdpBound(math.sqrt(sum(run.steps * (run.drift / run.noise) ** 2 for run in runs if run.drift > floor)))
    return GdpBound(math.sqrt(runs_energy(runs)))


def with_sigma(descent: Descent, sigma: float) -> Descent:
    """The same constants with another noise."""
    return replace(descent, sigma=sigma)


def require_steps(code: Literal["K_LEARN_NOT_POSITIVE", "K_DELETE_NOT_POSITIVE"], steps: int) -> None:
    """Refuse a step count below 1 with the given code. Raises: K_LEARN_NOT_POSITIVE, K_DELETE_NOT_POSITIVE."""
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise AccountingError(
            code, f"Expected at least one step, got {steps!r}.", "Fix a whole number above 0 in advance."
        )


def _run(descent: Descent, steps: int, drift: float, draws: int) -> Run:
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise AccountingError("TARGET_OUT_OF_RANGE", f"Expected at least one draw, got {draws!r}.", "Pass draws >= 1.")
    return Run(steps=steps, gap=descent.gap, drift=drift, noise=descent.noise / math.sqrt(draws))
