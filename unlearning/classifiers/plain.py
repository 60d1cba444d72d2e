"""Engine `train.plain`: ordinary L2-regularised logistic regression, to the optimum and without noise.

It carries no certificate (a noiseless model has infinite cost). Inputs: features. Manifests: retain = rows to use.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp

from unlearning.datasets import read_rows
from unlearning.linear import LinearModel, Preparation, save_model
from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome

Floats = npt.NDArray[np.float64]


def run(job: Job) -> Outcome:
    """Minimise the mean cross-entropy plus (lam/2)|theta|^2 from a start drawn by `seed`.

    Raises: Refused with a code of the dataset or the preparation.
    """
    preparation = Preparation.from_params(job.params)
    rows = read_rows(job.input("features"), job.rows("retain", "features"))
    positions_N = preparation.positions(rows.labels)
    job.progress.report("training", step=0, steps=1)
    reach("mid_run")
    theta = fit(
        preparation.augmented(rows.features),
        positions_N,
        outputs=preparation.outputs,
        lam=job.params["lam"],
        seed=job.params["seed"],
    )
    job.progress.report("training", step=1, steps=1)
    weights = job.scratch / "weights"
    save_model(weights, LinearModel(theta, preparation))
    return Outcome({"rows": len(rows)}, weights=weights)


def fit(rows_NG: Floats, positions_N: npt.NDArray[np.int64], *, outputs: int, lam: float, seed: int) -> Floats:
    """The optimum, shape (K, G); the loss is strictly convex, so the seed moves it by the tolerance only."""
    shape = (outputs, rows_NG.shape[1])
    start = np.random.default_rng(seed).normal(scale=0.01, size=shape)

    def value_and_slope(flat: Floats) -> tuple[float, Floats]:
        loss, slope = regularised_loss(flat.reshape(shape), rows_NG, positions_N, lam=lam)
        return loss, slope.ravel()

    tight = {"maxiter": 5000, "gtol": 1e-9, "ftol": 1e-15}
    found = minimize(value_and_slope, start.ravel(), jac=True, method="L-BFGS-B", options=tight)
    theta: Floats = found.x.reshape(shape)
    return theta


def regularised_loss(
    theta_KG: Floats, rows_NG: Floats, positions_N: npt.NDArray[np.int64], *, lam: float
) -> tuple[float, Floats]:
    """Mean cross-entropy plus (lam/2)|theta|^2, and its gradient. K = 1 means one margin for two classes."""
    logits_NK = rows_NG @ theta_KG.T
    logits_NC = np.hstack([np.zeros_like(logits_NK), logits_NK]) if theta_KG.shape[0] == 1 else logits_NK
    log_sums_N = logsumexp(logits_NC, axis=1)
    each = np.arange(len(rows_NG))
    loss = float(np.mean(log_sums_N - logits_NC[each, positions_N]) + lam / 2.0 * np.sum(theta_KG**2))
    excess_NC = np.exp(logits_NC - log_sums_N[:, None])
    excess_NC[each, positions_N] -= 1.0
    excess_NK = excess_NC[:, 1:] if theta_KG.shape[0] == 1 else excess_NC
    return loss, excess_NK.T @ rows_NG / len(rows_NG) + lam * theta_KG
