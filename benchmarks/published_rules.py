"""How many steps earlier methods ask for before a deletion counts: their own rules as pure functions.

Source: certified_deletion.md 2.8, which took them from the methods' published code. All speak of one batch of `group`
records, a model learned to convergence, and (epsilon, delta) by the conversion those methods use,
eps(q) + ln(1/delta)/(q - 1) at the best order q.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

_MOST_STEPS = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One line of table 2.8: an L2-regularised logistic loss, L = lipschitz, smoothness beta, step 1/(lam + beta)."""

    n: int
    lam: float
    sigma: float
    group: int
    beta: float = 0.25
    lipschitz: float = 1.0
    epsilon: float = 1.0

    @property
    def delta(self) -> float:
        return 1.0 / self.n

    @property
    def eta(self) -> float:
        return 1.0 / (self.lam + self.beta)


# lam is 1e-6 n where those methods set it so; the table prints it rounded.
TABLE_2_8 = (
    Setting(n=11982, lam=0.011982, sigma=0.03, group=100),
    Setting(n=10000, lam=0.01, sigma=0.03, group=100),
    Setting(n=1000, lam=0.05, sigma=0.05, group=10),
)


def epsilon_from_renyi(curve: Callable[[float], float], *, delta: float) -> float:
    """min over q > 1 of curve(q) + ln(1/delta)/(q - 1), by golden section on ln(q - 1); the sum has one valley."""

    def value(log_gap: float) -> float:
        gap = math.exp(log_gap)
        return curve(1.0 + gap) + math.log(1.0 / delta) / gap

    low, high, golden = math.log(1e-6), math.log(1e6), (math.sqrt(5.0) - 1.0) / 2.0
    while high - low > 1e-10:
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if value(left) <= value(right) else (left, high)
    return value(0.5 * (low + high))


def langevin_steps(setting: Setting) -> int:
    """Langevin Unlearning: eps_q <= exp(-K lam eta / q) 4 q (g L)^2 / (lam sigma^2 n^2)."""
    return _fewest(setting, lambda steps, q: math.exp(-steps * setting.lam * setting.eta / q) * _learned(setting, q))


def paper_style_steps(setting: Setting) -> int:
    """The decay of Chourasia and Shah (ICML 2023): exp(-K lam eta / 2) on the same start, without the order in it."""
    return _fewest(setting, lambda steps, q: math.exp(-steps * setting.lam * setting.eta / 2.0) * _learned(setting, q))


def pnsgd_steps(setting: Setting) -> int:
    """PNSGD, full batch: Z = 2 eta L g / (n (1 - c)), eps_q <= q Z^2 c^(2K) / (2 eta sigma^2)."""
    c = 1.0 - setting.eta * setting.lam
    apart = 2.0 * setting.eta * setting.lipschitz * setting.group / (setting.n * (1.0 - c))
    start = apart**2 / (2.0 * setting.eta * setting.sigma**2)
    return _fewest(setting, lambda steps, q: q * start * c ** (2 * steps))


def descent_to_delete_noise(setting: Setting, *, steps: int) -> float:
    """Descent-to-Delete: standard deviation per coordinate of the noise on the output after so many steps.

    gamma = beta/(beta + 2 lam), 8 L gamma^I / (lam n (1 - gamma^I) (sqrt(2 ln(2/d) + 3e) - sqrt(2 ln(2/d) + 2e))).
    The published form deletes one record at a time; a batch of g is taken as g times the shift, which is ours.
    """
    smooth = setting.lam + setting.beta
    gamma = (smooth - setting.lam) / (smooth + setting.lam)
    logs = 2.0 * math.log(2.0 / setting.delta)
    room = math.sqrt(logs + 3.0 * setting.epsilon) - math.sqrt(logs + 2.0 * setting.epsilon)
    shift = 8.0 * setting.lipschitz * setting.group * gamma**steps
    return shift / (setting.lam * setting.n * (1.0 - gamma**steps) * room)


def descent_to_delete_steps(setting: Setting, *, noise: float) -> int:
    """The fewest steps after which Descent-to-Delete may add as little noise as that."""
    return _first(lambda steps: descent_to_delete_noise(setting, steps=steps) <= noise)


def stationary_noise(setting: Setting) -> float:
    """What noisy descent leaves in a direction the data says nothing about: s / sqrt(1 - c^2) per coordinate."""
    c = 1.0 - setting.eta * setting.lam
    return math.sqrt(2.0 * setting.eta / (1.0 - c * c)) * setting.sigma


def _learned(setting: Setting, q: float) -> float:
    """The learning bound that the Langevin rule starts from."""
    return 4.0 * q * (setting.group * setting.lipschitz / setting.n) ** 2 / (setting.lam * setting.sigma**2)


def _fewest(setting: Setting, bound: Callable[[int, float], float]) -> int:
    def reached(steps: int) -> bool:
        return epsilon_from_renyi(lambda q: bound(steps, q), delta=setting.delta) <= setting.epsilon

    return _first(reached)


def _first(reached: Callable[[int], bool]) -> int:
    """The smallest count of steps, at least 1, that reaches what more steps reach too."""
    low, high = 0, 1
    while not reached(high):
        low, high = high, 2 * high
        if high > _MOST_STEPS:
            raise ValueError(f"expected a number of steps below {_MOST_STEPS} to do, found none; ask for less")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
