"""Deletion under cyclic mini-batches: what one public order of permanent slots costs (certified_deletion.md 2.3)."""

from unlearning.accounting.descent import FLOAT64_RHO, Adjacency, Assumption, Descent
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.noisy_descent import deletion_bound_of


def deletion_bound_cyclic(
    *,
    lam: float,
    beta: float,
    lipschitz: float,
    n: int,
    eta: float,
    sigma: float,
    steps_learn: int,
    steps_delete: int,
    batch: int,
    group: int = 1,
    adjacency: Adjacency = "replace",
    assumption: Assumption = "strongly_convex",
    rho: float = FLOAT64_RHO,
    draws: int = 1,
) -> GdpBound:
    """A after a deletion, for cyclic mini-batches of `batch` permanent slots in one public order.

    Step k of a run, counted from 0, sees the rows with slot // batch == k % ceil(n / batch); their drift is 2 eta L g/b
    (half under `zero_out`). The maximum over slots of the taut string: a run may stop mid-epoch, and g rows of one
    person cost most when all are in one slot. A reshuffled order is not covered; slots that shift are another data set.
    Theorem of certified_deletion.md 2.2 and 2.3, version 1. Raises: AccountingError with the codes of section 2.7.
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
    return deletion_bound_of(descent, steps_learn=steps_learn, steps_delete=steps_delete, group=group, draws=draws)
