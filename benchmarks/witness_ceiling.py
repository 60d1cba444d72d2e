"""How often half the steps can be caught at all on digits: by this test, by the best of tests, and what is told.

Given the old weights the new ones are normal with a known mean and covariance under both hypotheses (linearised), so by
Neyman and Pearson no test at a level catches more than the likelihood ratio with that whole level. Simulated.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from sklearn.datasets import load_digits

from unlearning.catalog import preset
from unlearning.witness.basis import DenseBasis, basis_at
from unlearning.witness.claim import Claim
from unlearning.witness.law import above_quadratics
from unlearning.witness.minimiser import minimiser
from unlearning.witness.objective import Floats, Objective, prepared, targets
from unlearning.witness.power import power_of
from unlearning.witness.questions import LAST_RUN
from unlearning.witness.view import noise_variance

STEPS = (100, 120, 140, 146, 150, 160, 162, 163, 166, 167, 170, 180, 200)
LEVEL = 0.01
TRIALS, AT_ONCE = 20_000, 2_000
HEAD = ["steps", "this test", "the best of tests", "told"]


def digits() -> tuple[Floats, Claim]:
    """The curvatures at the minimiser, and the claim but for its steps."""
    loaded, params = load_digits(), preset("digits")
    chosen = np.random.default_rng(0).permutation(len(loaded.target))[: params["n_0"]]
    norm_bound, classes = params["norm_bound"], params["classes"]
    rows = prepared(loaded.data[chosen], centres=params["centres"], scales=params["scales"], norm_bound=norm_bound)
    goals = targets(loaded.target[chosen], classes, "softmax")
    objective = Objective(rows, goals, "softmax", params["lam"], params["n_0"])
    basis = basis_at(objective, minimiser(objective, np.zeros((len(classes), rows.shape[1]))))
    if not isinstance(basis, DenseBasis):
        raise SystemExit("expected a model small enough for all eigenvectors")
    frozen = {name: params[name] for name in ("lam", "eta", "sigma", "n_0", "norm_bound")}
    claim = Claim(
        **frozen, beta=norm_bound**2 / 2, classes=len(classes), loss="softmax", steps=1, before=params["steps"]
    )
    return basis.curvatures, claim


def caught(curvatures_D: Floats, claim: Claim, *, share: float) -> float:
    """The chance that half the steps is accused by the likelihood ratio with this share of the level."""
    draw, half = np.random.default_rng(0), (claim.steps + 1) // 2
    full_D, short_D, old_D = (
        noise_variance(claim, curvatures_D, steps=steps) for steps in (claim.steps, half, claim.before)
    )
    kept_D, ratio_D = 1.0 - claim.eta * curvatures_D, short_D / full_D
    squares_D, hits = (1.0 - 1.0 / ratio_D) / 2.0, 0
    for _ in range(TRIALS // AT_ONCE):
        start_TD = np.sqrt(old_D / full_D) * draw.standard_normal((AT_ONCE, len(curvatures_D)))
        toward_TD = (kept_D**half - kept_D**claim.steps) * start_TD
        white_TD = toward_TD + np.sqrt(ratio_D) * draw.standard_normal(toward_TD.shape)
        lines_TD = toward_TD / ratio_D
        found_T = white_TD**2 @ squares_D + (white_TD * lines_TD).sum(axis=1)
        hits += int((above_quadratics(found_T, squares_D, lines_TD) <= LEVEL * share).sum())
    return hits / TRIALS


def lines() -> Iterator[list[str]]:
    """The rows of the table."""
    curvatures_D, claim = digits()
    own = next(question.share for question in LAST_RUN if question.statistic == "steps")
    for steps in STEPS:
        here = replace(claim, steps=steps)
        told = power_of(here, outputs=10, features=65, level=LEVEL, seed=0).half_steps
        both = (caught(curvatures_D, here, share=share) for share in (own, 1.0))
        yield [str(steps), *(f"{chance:.3f}" for chance in both), f"{told:.3f}"]
