"""Descent-to-Delete (Neel, Roth, Sharifi-Malvajerdi 2021), the weaker form: noise on what is published only.

The inner iterate goes on without noise and keeps what is left of the deleted record. One dimension, batched over runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unlearning.audit.subject import Floats


@dataclass(frozen=True, kw_only=True)
class DescentToDelete:
    """m-strongly convex and M-smooth losses, of which this is the worst direction: (m/2) t^2 - x t, step 2/(m + M).

    mu: what one release is allowed to say, which fixes the noise of every release.
    """

    strong: float = 0.1
    smooth: float = 1.9
    rows: int = 1000
    steps_learn: int = 400
    steps_delete: int = 20
    mu: float = 0.2

    @property
    def gamma(self) -> float:
        """How much of a distance one inner step leaves: (M - m)/(M + m)."""
        return (self.smooth - self.strong) / (self.smooth + self.strong)

    def inner(self, start: float, *, mean: float, steps: int) -> float:
        """Gradient steps without noise towards the minimiser mean/m."""
        goal = mean / self.strong
        return goal + self.gamma**steps * (start - goal)

    def after_deletion(self, *, value: float) -> float:
        """The secret inner iterate when the record `value` was learned and then deleted; the others' mean is 0."""
        learned = self.inner(0.0, mean=value / self.rows, steps=self.steps_learn)
        return self.inner(learned, mean=0.0, steps=self.steps_delete)

    @property
    def noise(self) -> float:
        """The standard deviation of a release's noise: two values of the record are then mu apart, and no more."""
        return abs(self.after_deletion(value=1.0) - self.after_deletion(value=-1.0)) / self.mu

    def traces(
        self, draw: np.random.Generator, *, value: float, runs: int, releases: int, steps_between: int = 0
    ) -> Floats:
        """What an attacker makes of all releases of each run, shape (M,): their sum, weighted by what each still holds.

        Fresh noise on every release; `steps_between` more inner steps before each of the later ones.
        """
        left = self.gamma**steps_between
        inner, weight, total = self.after_deletion(value=value), 1.0, np.zeros(runs)
        for _ in range(releases):
            total += weight * (inner + self.noise * draw.standard_normal(runs))
            inner, weight = left * inner, left * weight
        return total
