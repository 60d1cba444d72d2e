"""What learning and one deletion cost under noisy gradient descent (certified_deletion.md 2.2, guarantees.md H4).

Shifted interpolation (Bok, Su, Altschuler, ICML 2024) for learning, extended to edits. Both bounds are attained by a
linear loss with a common quadratic and a fixed start. They compare the run with the same pipeline that never held the
group; for `zero_out` that is present against absent, and two values of one row cost twice the mu.
"""

from dataclasses import replace
from typing import Literal

from unlearning.accounting.descent import FLOAT64_RHO, Adjacency, Assumption, Descent
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.runs import require_draws
from unlearning.accounting.stretches import Segment, Stretch, total


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
    batch: int | None = None,
) -> GdpBound:
    """What the model after `steps_learn` steps says about a group of rows at most.

    mu^2 = (D/s)^2 (1-c^K)(1+c) / ((1+c^K)(1-c)) per draw, for K steps. With `batch`, cyclic mini-batches of that many
    permanent slots: the maximum over slots. Theorem of certified_deletion.md 2.2, version 1.
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
        batch=batch,
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
    require_draws(draws)
    learn = Segment(start=0, steps=steps_learn, rows=(group,), draws=draws)
    return GdpBound(total(descent, [Stretch([learn])], stays=1))


def deletion_bound_of(
    descent: Descent, *, steps_learn: int, steps_delete: int, group: int = 1, draws: int = 1
) -> GdpBound:
    """`deletion_bound` for constants already checked. Raises: K_LEARN_NOT_POSITIVE, K_DELETE_NOT_POSITIVE."""
    require_steps("K_LEARN_NOT_POSITIVE", steps_learn)
    require_steps("K_DELETE_NOT_POSITIVE", steps_delete)
    require_draws(draws)
    learn = Segment(start=0, steps=steps_learn, rows=(group,))
    delete = Segment(start=0, steps=steps_delete, rows=(0,), draws=draws)
    return GdpBound(total(descent, [Stretch([learn, delete])], stays=1))


def with_sigma(descent: Descent, sigma: float) -> Descent:
    """The same constants with another noise."""
    return replace(descent, sigma=sigma)


def require_steps(code: Literal["K_LEARN_NOT_POSITIVE", "K_DELETE_NOT_POSITIVE"], steps: int) -> None:
    """Refuse a step count below 1 with the given code. Raises: K_LEARN_NOT_POSITIVE, K_DELETE_NOT_POSITIVE."""
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise AccountingError(
            code, f"Expected at least one step, got {steps!r}.", "Fix a whole number above 0 in advance."
        )
