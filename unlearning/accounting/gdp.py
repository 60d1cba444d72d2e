"""Gaussian differential privacy: the exact curve of one number, mu.

A bound of mu says: telling the two worlds apart is no easier than telling N(0,1) from N(mu,1).
Source: `Gaussian differential privacy` (Dong, Roth, Su 2022), corollary 2.13; no order search, no Renyi slack.
"""

import math
from dataclasses import dataclass, field

from unlearning.accounting.errors import AccountingError

_LOG_SQRT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
_SQRT_HALF_PI = math.sqrt(0.5 * math.pi)
# Below this mu the difference of two Mills ratios loses digits; its midpoint derivative is exact to mu^2/24.
_SMALL_MU = 1e-4
# Above this point erfc nears underflow and exp(x^2/2) loses digits; the continued fraction converges in few terms.
_FAR_TAIL = 12.0


@dataclass(frozen=True)
class GdpBound:
    """What an attacker can learn at most, as one number. `mu = inf` is "no guarantee".

    reserve: what pure vetoes took from delta (guarantees H1): the claim at delta is the curve of mu at delta - reserve.
    """

    mu: float
    reserve: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        if not 0.0 <= self.reserve < math.inf:
            raise AccountingError("NOT_FINITE", f"Expected reserve >= 0, got {self.reserve}.", "Check the alphas.")
        if math.isnan(self.mu) or self.mu < 0.0:
            raise AccountingError("NOT_FINITE", f"Expected mu >= 0, got {self.mu}.", "Check the numbers it came from.")

    def epsilon(self, delta: float) -> float:
        """The smallest epsilon at this delta (exact), infinite when vetoes took it all. Raises: DELTA_OUT_OF_RANGE."""
        require_delta(delta)
        left = delta - self.reserve
        return epsilon(mu=self.mu, delta=left) if left > 0.0 else math.inf

    def delta(self, epsilon: float) -> float:
        """The smallest delta at this epsilon (exact). Raises: NOT_FINITE, TARGET_OUT_OF_RANGE."""
        return min(1.0, delta(mu=self.mu, epsilon=epsilon) + self.reserve)

    def renyi(self, order: float) -> float:
        """The Renyi divergence of this order: order * mu^2 / 2, and none after a veto. Raises: ORDER_NOT_ABOVE_ONE."""
        divergence = renyi(mu=self.mu, order=order)
        return math.inf if self.reserve else divergence

    @property
    def advantage(self) -> float:
        """The best test's advantage over guessing between the two worlds: 2 Phi(mu/2) - 1."""
        return min(1.0, advantage(mu=self.mu) + self.reserve)


def renyi(*, mu: float, order: float) -> float:
    """Renyi divergence of N(mu,1) against N(0,1). Raises: ORDER_NOT_ABOVE_ONE."""
    if not (math.isfinite(order) and order > 1.0):
        raise AccountingError(
            "ORDER_NOT_ABOVE_ONE", f"Expected a finite Renyi order above 1, got {order}.", "Pass order > 1, such as 8."
        )
    return order * mu * mu / 2.0


def advantage(*, mu: float) -> float:
    """Total variation of N(mu,1) against N(0,1): 2 Phi(mu/2) - 1."""
    return math.erf(mu / (2.0 * math.sqrt(2.0)))


def delta(*, mu: float, epsilon: float) -> float:
    """The exact delta(epsilon) of a mu-GDP mechanism; may underflow to 0 where the true value does.

    Raises: TARGET_OUT_OF_RANGE for a negative or non-finite epsilon.
    """
    if not (math.isfinite(epsilon) and epsilon >= 0.0):
        raise AccountingError("TARGET_OUT_OF_RANGE", f"Expected epsilon >= 0, got {epsilon}.", "Pass a finite number.")
    if mu == 0.0:
        return 0.0
    return 1.0 if math.isinf(mu) else math.exp(log_delta(mu, epsilon))


def epsilon(*, mu: float, delta: float) -> float:
    """The smallest epsilon for which a mu-GDP mechanism is (epsilon, delta)-private, rounded up.

    Raises: DELTA_OUT_OF_RANGE unless 0 < delta < 1.
    """
    require_delta(delta)
    if math.isinf(mu):
        return math.inf
    if advantage(mu=mu) <= delta:
        return 0.0
    log_target = math.log(delta)
    # delta(eps) <= Phi(-x) <= exp(-x^2/2) with x = eps/mu - mu/2, so this end is always on the safe side.
    low, high = 0.0, mu * (mu / 2.0 + math.sqrt(-2.0 * log_target))
    while True:
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high or high - low <= 1e-16 * high:
            return high
        low, high = (low, middle) if log_delta(mu, middle) <= log_target else (middle, high)


def mu_for(*, epsilon: float, delta: float) -> float:
    """The largest mu that is still (epsilon, delta)-private, rounded down.

    Raises: DELTA_OUT_OF_RANGE, TARGET_OUT_OF_RANGE unless epsilon is finite and positive.
    """
    require_delta(delta)
    if not (math.isfinite(epsilon) and epsilon > 0.0):
        raise AccountingError(
            "TARGET_OUT_OF_RANGE", f"Expected a finite epsilon above 0, got {epsilon}.", "Ask for epsilon > 0."
        )
    log_target = math.log(delta)
    low, high = 0.0, 1.0
    while log_delta(high, epsilon) <= log_target:
        low, high = high, 2.0 * high
    while high - low > 1e-14 * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if log_delta(middle, epsilon) <= log_target else (low, middle)
    return low * (1.0 - 1e-12)  # so that epsilon(mu) of the answer is at most the epsilon asked for, rounding included


def require_delta(delta: float) -> None:
    """Refuse a delta outside (0, 1). Raises: DELTA_OUT_OF_RANGE."""
    if not 0.0 < delta < 1.0:
        raise AccountingError(
            "DELTA_OUT_OF_RANGE", f"Expected 0 < delta < 1, got {delta}.", "Use one below 1/n, such as 1e-5."
        )


def log_delta(mu: float, epsilon: float) -> float:
    """ln delta(epsilon) for 0 < mu < inf, -inf where it is below every float's logarithm.

    e^eps phi(x + mu) = phi(x) for x = eps/mu - mu/2, so delta = phi(x) (R(x) - R(x + mu)) with the Mills ratio R:
    the product e^eps * Phi(-..) that overflows or vanishes never appears.
    """
    x = epsilon / mu - mu / 2.0
    if not math.isfinite(x):  # epsilon / mu overflowed: delta is far below the smallest float
        return -math.inf
    if x < -1.0:
        return math.log(_upper_tail(x) - math.exp(-x * x / 2.0 - _LOG_SQRT_TWO_PI) * _mills(x + mu))
    difference = _mills_slope(x + mu / 2.0) * mu if mu < _SMALL_MU else _mills(x) - _mills(x + mu)
    return -x * x / 2.0 - _LOG_SQRT_TWO_PI + math.log(difference) if difference > 0.0 else -math.inf


def _upper_tail(x: float) -> float:
    return 0.5 * math.erfc(x / math.sqrt(2.0))


def _mills(x: float) -> float:
    """(1 - Phi(x)) / phi(x) for x > -2."""
    if x < _FAR_TAIL:
        return _SQRT_HALF_PI * math.exp(x * x / 2.0) * math.erfc(x / math.sqrt(2.0))
    return 1.0 / (x + _mills_tail(x))


def _mills_slope(x: float) -> float:
    """-R'(x) = 1 - x R(x), in the far tail from the continued fraction so that nothing cancels."""
    if x < _FAR_TAIL:
        return 1.0 - x * _mills(x)
    tail = _mills_tail(x)
    return tail / (x + tail)


def _mills_tail(x: float) -> float:
    """The continued fraction 1/(x + 2/(x + 3/(x + ...))) of the Mills ratio; 40 terms at x >= 12 reach rounding."""
    value = x
    for term in range(40, 1, -1):
        value = x + term / value
    return 1.0 / value
