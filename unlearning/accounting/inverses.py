"""From a target back to the constants: how many deletion steps, how much noise (certified_deletion.md 2.5)."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from unlearning.accounting.descent import FLOAT64_RHO, Adjacency, Assumption, Descent
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound, mu_for
from unlearning.accounting.noisy_descent import deletion_bound_of, learning_bound_of, with_sigma

_MOST_STEPS = 2**40


@dataclass(frozen=True)
class DeletionSteps(GdpBound):
    """The smallest step count that meets the target, with the bound it reaches."""

    steps: int


@dataclass(frozen=True)
class NoiseScale(GdpBound):
    """The smallest sigma that meets the target, with the bound it reaches."""

    sigma: float


def smallest_deletion_steps(
    *,
    lam: float,
    beta: float,
    lipschitz: float,
    n: int,
    eta: float,
    sigma: float,
    steps_learn: int,
    epsilon: float,
    delta: float,
    group: int = 1,
    adjacency: Adjacency = "replace",
    assumption: Assumption = "strongly_convex",
    rho: float = FLOAT64_RHO,
    draws: int = 1,
    batch: int | None = None,
) -> DeletionSteps:
    """The fewest deletion steps after which A is at most (epsilon, delta); with `batch`, of cyclic mini-batches.

    Raises: TARGET_OUT_OF_RANGE when the rounding floor lies above the target, NO_CONTRACTION under assumption `none`
    (steps buy nothing there), and the codes of section 2.7.
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
        batch=batch,
    )
    target = mu_for(epsilon=epsilon, delta=delta)
    return deletion_steps_of(descent, steps_learn=steps_learn, target_mu=target, group=group, draws=draws)


def smallest_noise(
    *,
    lam: float,
    beta: float,
    lipschitz: float,
    n: int,
    eta: float,
    steps_learn: int,
    epsilon: float,
    delta: float,
    steps_delete: int = 0,
    group: int = 1,
    adjacency: Adjacency = "replace",
    assumption: Assumption = "strongly_convex",
    rho: float = FLOAT64_RHO,
    batch: int | None = None,
) -> NoiseScale:
    """The smallest sigma for which the model is (epsilon, delta)-private: after learning, or after `steps_delete` > 0.

    mu is proportional to 1/sigma, so this is one division. Raises: AccountingError with the codes of section 2.7.
    """
    unit = Descent(
        lam=lam,
        beta=beta,
        lipschitz=lipschitz,
        n=n,
        eta=eta,
        sigma=1.0,
        adjacency=adjacency,
        assumption=assumption,
        rho=rho,
        batch=batch,
    )
    return noise_of(unit, steps_learn=steps_learn, steps_delete=steps_delete, epsilon=epsilon, delta=delta, group=group)


def noise_of(
    unit: Descent, *, steps_learn: int, epsilon: float, delta: float, steps_delete: int = 0, group: int = 1
) -> NoiseScale:
    """`smallest_noise` for constants already checked, given with sigma = 1. Raises: TARGET_OUT_OF_RANGE."""
    target = mu_for(epsilon=epsilon, delta=delta)

    def bound(descent: Descent) -> GdpBound:
        if steps_delete == 0:
            return learning_bound_of(descent, steps_learn=steps_learn, group=group)
        return deletion_bound_of(descent, steps_learn=steps_learn, steps_delete=steps_delete, group=group)

    sigma = bound(unit).mu / target
    if sigma == 0.0:
        raise AccountingError("TARGET_OUT_OF_RANGE", "A group of no rows needs no noise.", "Pass group >= 1.")
    while (reached := bound(with_sigma(unit, sigma))).mu > target:
        sigma = math.nextafter(sigma, math.inf)  # rounding only, and always toward more noise
    return NoiseScale(mu=reached.mu, sigma=sigma)


def deletion_steps_of(
    descent: Descent, *, steps_learn: int, target_mu: float, group: int = 1, draws: int = 1
) -> DeletionSteps:
    """`smallest_deletion_steps` for constants already checked and a target in mu.

    Raises: NO_CONTRACTION, TARGET_OUT_OF_RANGE, K_LEARN_NOT_POSITIVE.
    """
    if descent.assumption == "none":
        raise AccountingError(
            "NO_CONTRACTION", "Without a convexity assumption deletion steps buy nothing.", "Retrain on what is left."
        )

    def mu(steps: int) -> float:
        return deletion_bound_of(descent, steps_learn=steps_learn, steps_delete=steps, group=group, draws=draws).mu

    return fewest_steps(mu, target_mu=target_mu)


def fewest_steps(mu: Callable[[int], float], *, target_mu: float) -> DeletionSteps:
    """The smallest step count K >= 1 with mu(K) <= target, for a mu that falls with K: doubling, then bisection.

    Raises: TARGET_OUT_OF_RANGE when no count up to 2^40 serves.
    """
    low, high = 0, 1
    while mu(high) > target_mu:
        low, high = high, 2 * high
        if high > _MOST_STEPS:
            raise AccountingError(
                "TARGET_OUT_OF_RANGE", f"No number of steps brings mu to {target_mu}.", "Retrain, or ask for less."
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if mu(middle) <= target_mu else (middle, high)
    return DeletionSteps(mu=mu(high), steps=high)
