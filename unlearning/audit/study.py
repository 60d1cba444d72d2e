"""What all audits of one evening share: how many runs, how sure, who is attacked."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from unlearning.accounting import Problem
from unlearning.audit.subject import Floats, Subject
from unlearning.certified.constants import Constants
from unlearning.meter import Meter, silent


@dataclass(frozen=True, kw_only=True)
class Study:
    """runs: simulated pipelines of each world. seed: of the simulated data and requesters, never of an engine's noise.

    Raises: ValueError for a number no audit can work with.
    """

    runs: int = 100_000
    confidence: float = 0.95
    seed: int = 0
    delta: float = 1e-5
    subject: Subject = field(default_factory=Subject)
    meter: Meter = field(default_factory=silent)

    def __post_init__(self) -> None:
        if self.runs < 100:
            raise ValueError(f"expected at least 100 runs, got {self.runs}; fewer bound nothing")
        if not 0.5 <= self.confidence < 1.0:
            raise ValueError(f"expected a confidence in [0.5, 1), got {self.confidence}; use 0.95")
        if not 0.0 < self.delta < 1.0:
            raise ValueError(f"expected a delta in (0, 1), got {self.delta}; use 1e-5")

    def generator(self, name: str) -> np.random.Generator:
        """The random numbers of one audit's data, the same whichever other audits run."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    def walk(
        self, start: Floats, *, pull: float | Floats, problem: Problem, steps: int, rows: int | None = None
    ) -> Floats:
        """The attacked engine on linear losses: `steps` steps under a constant sum of row gradients.

        start: one run per row, shape (M, d). pull: that sum, a number or shape (M, d). rows: the denominator (n).
        """
        import torch

        shape = start.shape
        constant = torch.from_numpy(np.broadcast_to(np.asarray(pull, dtype=np.float64), shape).copy())
        return self.subject.engine(
            start,
            gradient=lambda _theta: constant,
            constants=constants_of(problem, steps=steps, rows=rows),
            after_step=lambda _step: self.meter.advance(shape[0] * shape[1]),
        )


def constants_of(problem: Problem, *, steps: int, rows: int | None = None) -> Constants:
    """The numbers of one step as the engine takes them."""
    return Constants(lam=problem.lam, eta=problem.eta, sigma=problem.sigma, n_0=rows or problem.n, steps=steps)


def origin(runs: int, width: int = 1) -> Floats:
    """A start that knows no data: zeros of shape (runs, width)."""
    return np.zeros((runs, width))


def column(values: npt.ArrayLike) -> Floats:
    """One number per run, as the batched engine takes them: shape (M, 1)."""
    return np.asarray(values, dtype=np.float64).reshape(-1, 1)


def worst_case(
    *, mu: float, contraction: float, steps_learn: int, n: int = 1000, adjacency: str = "replace"
) -> Problem:
    """The problem that attains the bound: linear losses under a common quadratic, one dimension, eta = 1/(lam + beta).

    mu is what learning for `steps_learn` steps then costs one record: sigma is solved for it in closed form.
    """
    lam = 0.1
    eta = (1.0 - contraction) / lam
    drift = (2.0 if adjacency == "replace" else 1.0) * eta / n
    power = contraction**steps_learn
    spread = math.sqrt((1.0 - power) * (1.0 + contraction) / ((1.0 + power) * (1.0 - contraction)))
    return Problem(
        lam=lam,
        beta=1.0 / eta - lam,
        lipschitz=1.0,
        n=n,
        eta=eta,
        sigma=drift * spread / (mu * math.sqrt(2.0 * eta)),
        adjacency="replace" if adjacency == "replace" else "zero_out",
        features=1,
        classes=2,
        norm_bound=1.0,
    )
