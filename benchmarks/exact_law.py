"""A problem whose law is known: the engine's own recursion, run in many chains at once, against the bound.

The loss of the `group` records is linear and everybody else's is zero, so each coordinate of theta is an independent
Gaussian chain, and the two worlds (records there, or others of opposite sign in their place) differ in the mean alone.
Then the bound of certified_deletion.md 2.2 is attained: a measured mu above it would refute it, one far below would
show that the recursion is not the one the bound is about.
"""

import math
from dataclasses import dataclass
from typing import Any

from benchmarks.published_rules import Setting
from unlearning.certified.constants import Constants


@dataclass(frozen=True)
class Measured:
    """mu between the two worlds from many chains, and half its 95 % interval."""

    mu: float
    half: float


def measured_mu(setting: Setting, *, eta: float, steps_learn: int, steps_delete: int, chains: int) -> Measured:
    """Learn with the group, delete it, in both worlds; mu = distance of the means over the common deviation."""
    import torch

    worlds = [
        _after_deletion(setting, eta=eta, steps=(steps_learn, steps_delete), chains=chains, pull=sign)
        for sign in (1.0, -1.0)
    ]
    spread = torch.sqrt((worlds[0].var() + worlds[1].var()) / 2.0)
    mu = float((worlds[1].mean() - worlds[0].mean()) / spread)
    # The error of a standardised difference of two means of `chains` each.
    return Measured(mu, 1.96 * math.sqrt(2.0 / chains + mu * mu / (4.0 * chains)))


def _after_deletion(setting: Setting, *, eta: float, steps: tuple[int, int], chains: int, pull: float) -> Any:
    import torch

    from unlearning.certified.steps import noisy_steps

    theta = torch.zeros((1, chains), dtype=torch.float64)
    for count, here in zip(steps, (setting.group, 0), strict=True):
        total = torch.full_like(theta, pull * setting.lipschitz * here)
        theta = noisy_steps(
            theta,
            torch.zeros((setting.n, 1), dtype=torch.float64),
            torch.zeros(setting.n),
            gradient=lambda _theta, _rows, _targets, total=total: total,
            constants=Constants(lam=setting.lam, eta=eta, sigma=setting.sigma, n_0=setting.n, steps=count),
            after_step=lambda _step: None,
        )
    return theta
