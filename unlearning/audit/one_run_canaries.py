"""Audit `one-run-canaries`: one run of the real engine, many coins at once (Steinke, Nasr, Jagielski 2023).

Each of m canaries is in the data by the toss of a coin, all in orthogonal directions. The engine learns once, deletes
those that were in, and publishes; we guess the surest fifth and abstain on the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from unlearning.accounting import Problem
from unlearning.audit import histories
from unlearning.audit.finding import Finding
from unlearning.audit.one_run import least_epsilon
from unlearning.audit.study import Study, constants_of, origin
from unlearning.audit.subject import Floats

NAME = "one-run-canaries"
CANARIES, STAYERS, GUESSED = 2000, 50, 400
LEARN, DELETE, MU = 60, 1, 1.0

# From the rows that are in to the sum of their gradients; made once for each phase.
Loss = Callable[[npt.NDArray[np.intp]], Callable[[Any], Any]]


@dataclass(frozen=True, kw_only=True)
class Coins:
    """Who was in: `included` of shape (CANARIES,)."""

    included: npt.NDArray[np.bool_]

    @property
    def rows(self) -> npt.NDArray[np.intp]:
        """The coordinates of all rows of the first training, the stayers' last."""
        return np.concatenate([np.flatnonzero(self.included), self.stayers])

    @property
    def stayers(self) -> npt.NDArray[np.intp]:
        """People who are always in and never leave."""
        return np.arange(CANARIES, CANARIES + STAYERS)


def attack(study: Study) -> list[Finding]:
    """Gradients at the norm bound, and the logistic loss as it is shipped; after learning and after deletion."""
    losses: dict[str, Loss] = {"gradients at the norm bound": at_the_bound, "logistic loss": logistic}
    study.meter.begin(NAME, len(losses) * (LEARN + DELETE) * (CANARIES + STAYERS))
    return [finding for what, loss in losses.items() for finding in one_run(study, what=what, loss=loss)]


def one_run(study: Study, *, what: str, loss: Loss) -> list[Finding]:
    """Learn, guess; delete every canary that was in, guess again."""
    included = study.generator(NAME).random(CANARIES) < 0.5
    coins, problem = Coins(included=included), problem_of()
    records = int(included.sum())
    present = study.subject.price(histories.learned(problem, steps=LEARN), delta=study.delta)
    ledger = histories.deleted(problem, learn=LEARN, delete=DELETE, records=records)
    after = study.subject.price(ledger, delta=study.delta)
    model = steps(study, origin(1, CANARIES + STAYERS), loss(coins.rows), LEARN)
    left = steps(study, model, loss(coins.stayers), DELETE)
    return [
        _finding(study, coins, model, what=f"after learning, {what}", certified=present.b.epsilon(study.delta)),
        _finding(study, coins, left, what=f"after deletion, {what}", certified=after.a.epsilon(study.delta)),
    ]


def steps(study: Study, start: Floats, gradient: Callable[[Any], Any], count: int) -> Floats:
    """One run of the attacked engine."""
    return study.subject.engine(
        start,
        gradient=gradient,
        constants=constants_of(problem_of(), steps=count),
        after_step=lambda _step: study.meter.advance(start.size),
    )


def problem_of() -> Problem:
    """Zero-out with room for every canary; sigma such that learning costs each of them `MU`."""
    lam, beta, n = 0.05, 0.25, CANARIES + STAYERS
    eta = 1.0 / (lam + beta)
    c = 1.0 - eta * lam
    power = c**LEARN
    spread = ((1.0 - power) * (1.0 + c) / ((1.0 + power) * (1.0 - c))) ** 0.5
    sigma = eta / n * spread / (MU * (2.0 * eta) ** 0.5)
    return Problem(
        lam=lam,
        beta=beta,
        lipschitz=1.0,
        n=n,
        eta=eta,
        sigma=sigma,
        adjacency="zero_out",
        features=CANARIES + STAYERS,
        classes=2,
        norm_bound=1.0,
    )


def at_the_bound(rows: npt.NDArray[np.intp]) -> Callable[[Any], Any]:
    """Linear losses: every row pulls its own coordinate with the whole length L, whatever the model."""
    import torch

    pull = torch.zeros(1, CANARIES + STAYERS, dtype=torch.float64)
    pull[0, torch.from_numpy(rows)] = -1.0
    return lambda _theta: pull


def logistic(rows: npt.NDArray[np.intp]) -> Callable[[Any], Any]:
    """The engine's own binary loss and its own kernel, on unit rows of the second class (the bias is never touched)."""
    import torch

    from unlearning.certified.kernel import Chunk, gradient_sum
    from unlearning.certified.objective import binary_excess

    features = torch.eye(CANARIES + STAYERS, dtype=torch.float64)[torch.from_numpy(rows)]
    ones = torch.ones(len(rows), dtype=torch.float64)
    chunk = Chunk(lambda: features, torch.ones(len(rows), dtype=torch.int64), ones)

    def gradient(theta: Any) -> Any:
        with_bias = torch.cat([theta, torch.zeros(1, 1, dtype=torch.float64)], dim=1)
        return gradient_sum(with_bias, [chunk], excess=binary_excess)[:, :-1]

    return gradient


def right_guesses(model: Floats, coins: Coins) -> int:
    """Of `GUESSED` guesses, fixed beforehand: the largest coordinates are "in", the smallest "out"."""
    order = np.argsort(model[0, :CANARIES])
    half = GUESSED // 2
    return int(coins.included[order[-half:]].sum() + (~coins.included[order[:half]]).sum())


def _finding(study: Study, coins: Coins, model: Floats, *, what: str, certified: float) -> Finding:
    right = right_guesses(model, coins)
    measured = least_epsilon(
        canaries=CANARIES, guesses=GUESSED, right=right, delta=study.delta, confidence=study.confidence
    )
    told = f"{what} ({right} of {GUESSED})"
    return Finding(audit=NAME, what=told, unit="epsilon", certified=certified, measured=measured)
