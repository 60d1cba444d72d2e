"""Sound constants for an L2 logistic model, from public facts only: fix them before any data is read.

Facts used (certified_deletion.md 2.1, 2.5): rows scaled one by one to norm R, intercept included, give a binary
logistic loss L = R, beta = R^2/4 and a softmax loss L = sqrt(2) R, beta = R^2/2, both over all outputs jointly. A
one-vs-rest stack of C binary losses publishes all C together: L = sqrt(C) R, beta = R^2/4 (guarantees.md H7).
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

from unlearning.accounting.descent import Adjacency
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.inverses import noise_of
from unlearning.accounting.ledger import Loss, Problem
from unlearning.accounting.noisy_descent import learning_bound_of

StepSize = Literal["best", "safe"]
_UNIT_ROUNDOFF = 2.0**-53


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """A problem to freeze, the steps to learn it with, and what learning then costs one person."""

    problem: Problem
    steps_learn: int
    bound: GdpBound


def recommend(
    *,
    n: int,
    features: int,
    classes: int,
    epsilon: float,
    delta: float,
    lam: float = 0.01,
    norm_bound: float = 1.0,
    contribution_cap: int = 1,
    loss: Loss = "binary",
    step_size: StepSize = "best",
    adjacency: Adjacency = "zero_out",
    relaxations: float = 3.0,
    theta_bound: float = 10.0,
    batch: int | None = None,
) -> Recommendation:
    """Constants for a model whose first release costs one person (all their rows) at most (epsilon, delta).

    `features` counts the intercept. eta is 2/(2 lam + beta) (best contraction) or 1/(lam + beta) (safe: no sign flips);
    steps_learn is relaxations/(eta lam), after which exp(-relaxations) of the start is left (41 steps at lam = .01).
    `zero_out` is the rule of an engine that keeps the denominator n of the first training for ever. `batch`: cyclic
    mini-batches of that many slots, and as many steps (whole passes cost least, `batch_forms` compares).
    Raises: AccountingError with the codes of section 2.7.
    """
    lipschitz, beta = loss_constants(loss, norm_bound, classes=classes)
    eta = 2.0 / (2.0 * lam + beta) if step_size == "best" else 1.0 / (lam + beta)
    steps = max(1, math.ceil(relaxations / (eta * lam)))
    rho = float64_rounding(
        n=n, features=features, eta=eta, lipschitz=lipschitz, norm_bound=norm_bound, theta_bound=theta_bound
    )
    unit = Problem(
        lam=lam,
        beta=beta,
        lipschitz=lipschitz,
        n=n,
        eta=eta,
        sigma=1.0,
        adjacency=adjacency,
        rho=rho,
        features=features,
        classes=classes,
        norm_bound=norm_bound,
        contribution_cap=contribution_cap,
        theta_bound=theta_bound,
        batch=batch,
        loss=None if loss in ("binary", "softmax") else loss,  # format 1 already says these two
    )
    noise = noise_of(unit, steps_learn=steps, epsilon=epsilon, delta=delta, group=contribution_cap)
    problem = replace(unit, sigma=noise.sigma)
    bound = learning_bound_of(problem, steps_learn=steps, group=contribution_cap)
    return Recommendation(problem=problem, steps_learn=steps, bound=bound)


def loss_constants(loss: Loss, norm_bound: float, *, classes: int = 2) -> tuple[float, float]:
    """(L, beta) of one row's unregularised loss when its augmented norm is at most `norm_bound`.

    Raises: TARGET_OUT_OF_RANGE for fewer than two classes.
    """
    if classes < 2:
        raise AccountingError("TARGET_OUT_OF_RANGE", f"Expected two classes or more, got {classes}.", "Name them all.")
    length, bend = {
        "binary": (1.0, 0.25),
        "one_vs_rest": (math.sqrt(classes), 0.25),
        "softmax": (math.sqrt(2.0), 0.5),
        # A row pulls with a total of at most 1/2 on its class and 1/2 on the others; the curvature is no larger.
        "capped_binary": (0.5, 0.25),
        "capped_softmax": (math.sqrt(0.5), 0.5),
    }[loss]
    return length * norm_bound, bend * norm_bound**2


def float64_rounding(
    *, n: int, features: int, eta: float, lipschitz: float, norm_bound: float, theta_bound: float
) -> float:
    """A worst case of one float64 step's rounding error, for |theta| <= theta_bound (guarantees.md H8).

    Unit roundoff times the longest sums: the mean over n rows, the logits over the features, the update itself.
    Far above what pairwise summation does, and still far below any drift worth certifying.
    """
    mean = (n + 30) * eta * lipschitz
    logits = (features + 10) * eta * norm_bound * norm_bound * theta_bound
    return _UNIT_ROUNDOFF * (mean + logits + 8.0 * theta_bound)
