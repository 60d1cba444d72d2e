"""From requests that know no release to requests that know p of them (certified_deletion.md 1.3)."""

import math
from dataclasses import dataclass

from unlearning.accounting.descent import FLOAT64_RHO, Adjacency, Assumption, Descent
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound, require_delta
from unlearning.accounting.noisy_descent import deletion_bound_of, learning_bound_of


@dataclass(frozen=True)
class AdaptiveReduction(GdpBound):
    """mu, epsilon and renyi: the Gaussian reduction, mu^2 = mu_dd^2 + p mu_dp^2, converted once. Prefer it.

    `paper_epsilon` at `paper_delta`: the reduction theorem as the paper states it, for comparison.
    """

    deletion: GdpBound
    learning: GdpBound
    releases: int
    paper_epsilon: float
    paper_delta: float


def adaptive_reduction(
    *,
    lam: float,
    beta: float,
    lipschitz: float,
    n: int,
    eta: float,
    sigma: float,
    steps_learn: int,
    steps_delete: int,
    releases: int,
    delta: float,
    group: int = 1,
    adjacency: Adjacency = "replace",
    assumption: Assumption = "strongly_convex",
    rho: float = FLOAT64_RHO,
    batch: int | None = None,
) -> AdaptiveReduction:
    """What one deletion says about the group when its requester has seen at most `releases` releases, ever.

    Each is charged what learning costs at most, whatever was seen of it: B of a ledger is sharper. Reduction theorem
    of the seed paper (digest), and adaptive composition of Gaussian mechanisms, version 1.
    Raises: AccountingError with the codes of section 2.7, TARGET_OUT_OF_RANGE for a negative count.
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
    learning = learning_bound_of(descent, steps_learn=steps_learn, group=group)
    deletion = deletion_bound_of(descent, steps_learn=steps_learn, steps_delete=steps_delete, group=group)
    paper_epsilon, paper_delta = reduction_theorem(
        deletion_epsilon=deletion.epsilon(delta),
        learning_epsilon=learning.epsilon(delta),
        releases=releases,
        delta=delta,
    )
    return AdaptiveReduction(
        mu=math.sqrt(deletion.mu**2 + releases * learning.mu**2),
        deletion=deletion,
        learning=learning,
        releases=releases,
        paper_epsilon=paper_epsilon,
        paper_delta=paper_delta,
    )


def reduction_theorem(
    *, deletion_epsilon: float, learning_epsilon: float, releases: int, delta: float
) -> tuple[float, float]:
    """(eps', delta') with eps' = eps_dd + p eps_dp (e^eps_dp - 1) + eps_dp sqrt(2 p ln(1/delta)), delta' = (p+2) delta.

    Raises: DELTA_OUT_OF_RANGE, TARGET_OUT_OF_RANGE.
    """
    require_delta(delta)
    if isinstance(releases, bool) or not isinstance(releases, int) or releases < 0:
        raise AccountingError("TARGET_OUT_OF_RANGE", f"Expected a count of releases, got {releases!r}.", "Pass >= 0.")
    for epsilon in (deletion_epsilon, learning_epsilon):
        if math.isnan(epsilon) or epsilon < 0.0:
            raise AccountingError("NOT_FINITE", f"Expected epsilon >= 0, got {epsilon}.", "Check where it came from.")
    if releases == 0:
        return deletion_epsilon, 2.0 * delta
    growth = math.expm1(learning_epsilon) if learning_epsilon < 700.0 else math.inf
    worst = releases * learning_epsilon * growth if learning_epsilon else 0.0
    spread = learning_epsilon * math.sqrt(-2.0 * releases * math.log(delta))
    return deletion_epsilon + worst + spread, (releases + 2) * delta
