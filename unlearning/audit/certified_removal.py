"""Certified removal (Guo, Goldstein, Hannun, van der Maaten 2020) with its ledger of residuals, batched over runs.

Objective perturbation once, a Newton step for each removal, and a secret running sum of residual bounds; when it
passes the budget, the model is trained anew. The sum depends on the rows that were removed, so the moment of the
retraining, which everybody sees, tells about them. One dimension; rows of few sizes, so that counts stand for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from unlearning.audit.subject import Floats

_SIZES = np.array([0.3, 0.4, 0.5])
_LOGISTIC_GAMMA = 0.25  # Guo's Lipschitz constant of the loss's second derivative


@dataclass(frozen=True, kw_only=True)
class CertifiedRemoval:
    """sum of log losses + (lam n/2) w^2 + b w, b ~ N(0, spread^2). `epsilon`, `delta`: what each removal claims."""

    rows: int = 1500
    lam: float = 0.05
    spread: float = 4.0
    epsilon: float = 0.01
    delta: float = 1e-5

    @property
    def advantage(self) -> float:
        """The best test's advantage that (epsilon, delta) allows."""
        return math.tanh(self.epsilon / 2.0) + 2.0 * self.delta / (1.0 + math.exp(self.epsilon))

    @property
    def budget(self) -> float:
        """Guo's rule: train anew when the summed residual bound passes spread * epsilon / c."""
        return self.spread * self.epsilon / math.sqrt(2.0 * math.log(1.5 / self.delta))

    def jumps(self, draw: np.random.Generator, *, value: float, runs: int, releases: int) -> Floats:
        """When the releases show that the model was trained anew, shape (M,): the release's number, or one too late.

        The target is removed first: `value` is its size, negative for a label that the model gets wrong. Then one
        random other row leaves before each later release. The attacker sees weights alone: a change too large for a
        Newton step is a retraining.
        """
        counts = draw.multinomial(self.rows - 1, np.full(len(_SIZES), 1.0 / len(_SIZES)), size=runs).astype(np.float64)
        weight = self._trained(counts, self.spread * draw.standard_normal(runs))
        weight, spent = self._removed(counts, weight, np.full(runs, value))
        seen = np.full(runs, releases + 1.0)
        published = weight
        for release in range(2, releases + 1):
            sizes = self._someone(draw, counts)
            weight, residual = self._removed(counts, weight, sizes)
            spent = spent + residual
            anew = spent > self.budget
            if anew.any():  # a new perturbation, and the ledger starts from nothing
                weight[anew] = self._trained(counts[anew], self.spread * draw.standard_normal(int(anew.sum())))
                spent[anew] = 0.0
            jumped = np.abs(weight - published) > self._longest_step(counts)
            seen = np.where(jumped & (seen > releases), release, seen)
            published = weight
        return seen

    def _someone(self, draw: np.random.Generator, counts: Floats) -> Floats:
        """One random row of each run leaves: its size; `counts` loses it."""
        edges = np.cumsum(counts, axis=1)
        which = (draw.random((len(counts), 1)) * edges[:, -1:] >= edges).sum(axis=1)
        counts[np.arange(len(counts)), which] -= 1.0
        return np.asarray(_SIZES[which])

    def _removed(self, counts: Floats, weight: Floats, sizes: Floats) -> tuple[Floats, Floats]:
        """Guo's Newton step, and its data-dependent residual bound gamma |X| |step| |X step|."""
        step = -sizes * _pull(sizes * weight) / self._curvature(counts, weight)
        residual = _LOGISTIC_GAMMA * (counts * _SIZES**2).sum(axis=1) * step * step
        return weight + step, residual

    def _trained(self, counts: Floats, perturbation: Floats) -> Floats:
        """The minimiser of the perturbed loss, by Newton's method to rounding."""
        weight = np.zeros(len(counts))
        for _ in range(12):
            slope = -(counts * _SIZES * _pull(weight[:, None] * _SIZES)).sum(axis=1)
            slope += self.lam * counts.sum(axis=1) * weight + perturbation
            weight = weight - slope / self._curvature(counts, weight)
        return weight

    def _curvature(self, counts: Floats, weight: Floats) -> Floats:
        pull = _pull(weight[:, None] * _SIZES)
        curvature: Floats = (counts * _SIZES**2 * pull * (1.0 - pull)).sum(axis=1) + self.lam * counts.sum(axis=1)
        return curvature

    def _longest_step(self, counts: Floats) -> Floats:
        """No Newton step for one of the known sizes is longer than this."""
        longest: Floats = _SIZES.max() / (self.lam * counts.sum(axis=1))
        return longest


def _pull(margins: Floats) -> Floats:
    """The length of a row's gradient by its margin y x w."""
    pull: Floats = 1.0 / (1.0 + np.exp(margins))
    return pull
