"""From an engine's parameters to the accountant's frozen problem: all public, nothing looked up in the data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from unlearning.accounting import AccountingError, Problem
from unlearning.accounting.ledger import Loss
from unlearning.accounting.recommend import float64_rounding, loss_constants
from unlearning.certified.constants import Constants
from unlearning.linear import Preparation
from unlearning.runner.refusals import Refused

_Made = TypeVar("_Made")
_FLOAT32_HALF_ULP = 2.0**-24
_LOSS_AT_ZERO: dict[Loss, Callable[[int], float]] = {
    "binary": lambda _: math.log(2.0),
    "softmax": math.log,
    "one_vs_rest": lambda classes: classes * math.log(2.0),
    "capped_binary": lambda _: math.log(2.0),
    "capped_softmax": lambda classes: math.log(2.0) + 0.5 * math.log(classes - 1),
}
# The loss for two classes, and for more.
_LOSSES: dict[str, tuple[Loss, Loss | None]] = {
    "auto": ("binary", "softmax"),
    "binary": ("binary", None),
    "softmax": ("binary", "softmax"),
    "one_vs_rest": ("binary", "one_vs_rest"),
    "capped": ("capped_binary", "capped_softmax"),
    "capped_binary": ("capped_binary", None),
    "capped_softmax": ("capped_binary", "capped_softmax"),
}
_UNBOUNDED = ("ridge", "squared", "squared_error", "l2", "perceptron")


def problem_from_params(params: Mapping[str, Any], preparation: Preparation) -> Problem:
    """The constants that every certificate of this model will stand on.

    Raises: Refused with the accountant's code (ETA_TOO_LARGE, ...), LOSS_UNFIT or LOSS_UNBOUNDED.
    """
    loss, classes, batch = loss_of(params), len(preparation.classes), params.get("batch")
    long, curved = loss_constants(loss, preparation.norm_bound, classes=classes)
    features = len(preparation.scales) + 1
    size = preparation.outputs * features
    bound = theta_bound(params, lipschitz=long, coordinates=size, loss=loss, classes=classes)
    step: dict[str, Any] = {"lipschitz": long, "features": features, "bound": bound}
    return or_refused(
        lambda: Problem(
            lam=params["lam"],
            beta=curved,
            lipschitz=long,
            n=params["n_0"],
            eta=params["eta"],
            sigma=params["sigma"],
            adjacency=params["adjacency"],
            assumption="strongly_convex",
            rho=rounding(params, norm_bound=preparation.norm_bound, **step),
            features=features,
            classes=classes,
            norm_bound=preparation.norm_bound,
            contribution_cap=params["contribution_cap"],
            theta_bound=bound,
            batch=batch,
            loss=None if loss in ("binary", "softmax") else loss,  # the first format already says these two
            rows=params.get("rows"),
        )
    )


def constants_from_params(params: Mapping[str, Any]) -> Constants:
    """The numbers of one step."""
    return Constants(
        **{name: params[name] for name in ("lam", "eta", "sigma", "n_0", "steps")}, batch=params.get("batch")
    )


def loss_of(params: Mapping[str, Any]) -> Loss:
    """The loss asked for; by default the tighter one, and two classes need one margin only.

    Raises: Refused with LOSS_UNFIT.
    """
    return resolved_loss(params.get("loss", "auto"), classes=len(params["classes"]))


def resolved_loss(loss: str, *, classes: int) -> Loss:
    """ "auto" made definite. One-vs-rest and softmax over two classes are the binary loss with wasted noise.

    Raises: Refused with LOSS_UNBOUNDED or LOSS_UNFIT.
    """
    if loss in _UNBOUNDED:
        raise Refused(
            "LOSS_UNBOUNDED",
            f"expected a loss whose gradient is bounded, got {loss!r}: its gradient grows with theta, so no L exists.",
            "Use auto, capped, softmax or one_vs_rest.",
        )
    for_two, for_more = _LOSSES.get(loss, (None, None))
    found = for_two if classes == 2 else for_more
    if found is None:
        raise Refused(
            "LOSS_UNFIT",
            f"expected a loss for {classes} classes, got {loss!r}.",
            "Use auto, capped, softmax or one_vs_rest.",
        )
    return found


def theta_bound(params: Mapping[str, Any], *, lipschitz: float, coordinates: int, loss: Loss, classes: int) -> float:
    """A length that theta exceeds with probability below 1e-14 in any step, on any rows. The smaller of two bounds.

    From the gradients: theta is a decayed sum of gradients, at most L / lam, and of noise, a stationary autoregression
    in each coordinate. From the loss: a convex loss l >= 0 has theta . grad l >= l(theta) - l(0) >= -l(0), so a step
    takes |theta|^2 to at most a^2 |theta|^2 + q, a = 1 - eta lam, q = 2 eta a l(0) + eta^2 L^2, before its noise of
    length at most t; what this map leaves inside is a ball of radius B with (B - t)^2 = a^2 B^2 + q.
    """
    eta, keep = params["eta"], 1.0 - params["eta"] * params["lam"]
    left = max(1.0 - keep * keep, 1e-300)
    scale = math.sqrt(2.0 * eta) * params["sigma"]
    # A start turned round in every step (eta lam above 1) decays by |keep|, and so do the gradients.
    pulled = lipschitz / params["lam"] if keep >= 0.0 else eta * lipschitz / (1.0 + keep)
    by_gradients = pulled + scale / math.sqrt(left) * (math.sqrt(coordinates) + 8.0)
    if keep < 0.0:
        return float(by_gradients)
    pushed = 2.0 * eta * keep * _LOSS_AT_ZERO[loss](classes) + (eta * lipschitz) ** 2
    shaken = scale * (math.sqrt(coordinates) + 10.0)
    by_loss = (shaken + math.sqrt(keep * keep * shaken * shaken + left * pushed)) / left
    return float(min(by_gradients, by_loss))


def rounding(params: Mapping[str, Any], *, lipschitz: float, features: int, norm_bound: float, bound: float) -> float:
    """How far one step's result may lie from real arithmetic (guarantees H8), charged in every step.

    A deletion starts from the published float32 weights, so their rounding is counted too, as if every step rounded.
    """
    float64 = float64_rounding(
        n=params.get("batch") or params["n_0"],
        features=features,
        eta=params["eta"],
        lipschitz=lipschitz,
        norm_bound=norm_bound,
        theta_bound=bound,
    )
    return float(bound * _FLOAT32_HALF_ULP + float64)


def or_refused(make: Callable[[], _Made]) -> _Made:
    """Turn the accountant's refusal into the runner's, code and remedy kept."""
    try:
        return make()
    except AccountingError as error:
        raise Refused(error.code, error.message, error.remedy) from error
