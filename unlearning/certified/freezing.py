"""From what a user asks for (epsilon, delta, a public norm) to the public numbers of every step, frozen once.

Nothing here sees a row: the same request gives the same sigma, eta and step counts for n rows and for n - 1, as long as
the denominator n_0 is the same (guarantees, section 1, "remove").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from unlearning.accounting import Problem, Stay, Trained
from unlearning.accounting.gdp import mu_for
from unlearning.accounting.recommend import loss_constants
from unlearning.accounting.timeline import view
from unlearning.certified.problem import problem_from_params, resolved_loss
from unlearning.certified.requests import RequestRefused
from unlearning.linear import Preparation

_ROUNDS = 200
_CLOSE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the user asks for; every field is public and fixed before data is read."""

    epsilon: float
    delta: float
    l2: float
    norm_bound: float
    classes: int
    features: int
    loss: str
    batch: int | None
    contribution_cap: int
    n_0: int
    rows: int
    relaxations: float
    steps: int | None
    step_size: str


def freeze(request: Request) -> dict[str, Any]:
    """The parameters of `certified.train` that meet (epsilon, delta) for one person after the first release.

    sigma is the smallest that does: mu falls as 1/sigma but for rounding, which grows with theta's bound and so with
    sigma; hence a short fixed-point walk, ended only by the accountant's own verdict.
    Raises: Refused with a code of the accountant, LOSS_UNFIT, LOSS_UNBOUNDED or STEP_SIZE_UNKNOWN.
    """
    params = _but_for_sigma(request)
    preparation = preparation_of(request)
    target = mu_for(epsilon=request.epsilon, delta=request.delta)
    sigma = 1.0
    for _ in range(_ROUNDS):
        mu = _mu(problem_from_params(params | {"sigma": sigma}, preparation), request, params)
        if target * (1.0 - _CLOSE) <= mu <= target:
            return params | {"sigma": sigma}
        sigma = float(sigma) * mu / target * (1.0 + _CLOSE / 2.0)
    raise RequestRefused(
        "TARGET_OUT_OF_RANGE",
        f"no amount of noise brings rounding below epsilon {request.epsilon:g}.",
        "Ask for a larger epsilon or a larger l2.",
    )


def preparation_of(request: Request) -> Preparation:
    """Features as they come: centring and scaling by public constants is the user's own step before this one."""
    zeros, ones = (0.0,) * request.features, (1.0,) * request.features
    return Preparation(tuple(range(request.classes)), zeros, ones, request.norm_bound)


def _but_for_sigma(request: Request) -> dict[str, Any]:
    loss = resolved_loss(request.loss, classes=request.classes)
    _, beta = loss_constants(loss, request.norm_bound, classes=request.classes)
    eta = _step_size(request, beta)
    return {
        "lam": float(request.l2),
        "eta": eta,
        "steps": request.steps or _whole_passes(request, request.relaxations / (eta * request.l2)),
        "n_0": request.n_0,
        "norm_bound": float(request.norm_bound),
        "classes": list(range(request.classes)),
        "adjacency": "zero_out",
        "contribution_cap": request.contribution_cap,
        "batch": request.batch,
        "loss": loss,
        "rows": request.rows if request.rows < request.n_0 else None,
    }


def _whole_passes(request: Request, steps: float) -> int:
    """At least so many steps, and no mini-batch once more than another: whole passes cost least."""
    batches = 1 if request.batch is None else -(-request.n_0 // request.batch)
    return max(1, math.ceil(steps / batches)) * batches


def _step_size(request: Request, beta: float) -> float:
    """best: the fastest contraction, 2/(2 lam + beta). safe: 1/(lam + beta), which never overshoots."""
    if request.step_size not in ("best", "safe"):
        raise RequestRefused(
            "STEP_SIZE_UNKNOWN", f"expected best or safe, got {request.step_size!r}.", "Use step_size='best'."
        )
    if request.step_size == "best":
        return 2.0 / (2.0 * request.l2 + beta)
    return 1.0 / (request.l2 + beta)


def _mu(problem: Problem, request: Request, params: dict[str, Any]) -> float:
    trained = (Trained(steps=params["steps"], job="first"),)
    return view(problem, trained, stays=(Stay(rows=request.contribution_cap),)).b.mu
