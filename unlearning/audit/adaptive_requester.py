"""Audit `adaptive-requester`: people who delete because of what the published model says.

The deleted record steers who else leaves, and the people who stay tell of it. Exact retraining without noise leaks all
of it; noisy descent meets B ("all releases") and breaks A ("later releases only"), so A alone is no public claim.
certified_deletion.md sections 1.2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unlearning.accounting import Problem
from unlearning.audit import histories
from unlearning.audit.confidence import lower_rates
from unlearning.audit.finding import Finding
from unlearning.audit.study import Study, column, origin
from unlearning.audit.subject import Floats

NAME = "adaptive-requester"
SIGMAS = (0.0001, 0.01, 0.05, 0.2)
ROWS, LEARN, DELETE = 101, 40, 8
HALF = (ROWS - 1) // 2


def attack(study: Study) -> list[Finding]:
    """The toy without noise, then noisy descent at each sigma against B and, as a positive control, against A."""
    study.meter.begin(NAME, 2 * study.runs * len(SIGMAS) * (LEARN + DELETE))
    return [toy(study), *(finding for sigma in SIGMAS for finding in noisy_descent(study, sigma=sigma))]


def toy(study: Study) -> Finding:
    """Section 1.2: the model is the sum; the deleted record is -1 or +1; the deletion is an exact retraining.

    Retraining is perfect unlearning by the older definition, which claims that nothing is left to learn: advantage 0.
    """
    trials = min(study.runs, 10_000)
    scores = {value: np.full(trials, float(retrained_sum([-2, value, 2]))) for value in (-1, 1)}
    bound = lower_rates(scores[1], scores[-1], worth=lambda rates: rates.advantage, confidence=study.confidence)
    what = "plain exact retraining, without noise"
    return Finding(audit=NAME, what=what, unit="advantage", certified=0.0, measured=bound.advantage, must="exceed")


def retrained_sum(records: list[int]) -> int:
    """What is published after the requester saw sum(records) and deleted all of that sign, 0 counting as positive."""
    negative = sum(records) < 0
    return sum(record for record in records if (record < 0) != negative)


def noisy_descent(study: Study, *, sigma: float) -> Iterator[Finding]:
    """The real engine: learn, let the requester look, delete, attack the model after the deletion only."""
    ledger = histories.published_and_deleted(problem_of(sigma), learn=LEARN, delete=DELETE, records=1 + HALF)
    price = study.subject.price(ledger, delta=study.delta)
    low, high = (deleted_models(study, sigma=sigma, target=target) for target in (-1.0, 1.0))
    bound = lower_rates(low, high, worth=lambda rates: rates.advantage, confidence=study.confidence)
    where = f"sigma = {sigma:g}"
    yield Finding(
        audit=NAME,
        what=f"noisy descent against B, {where}",
        unit="advantage",
        certified=price.b.advantage,
        measured=bound.advantage,
    )
    yield Finding(
        audit=NAME,
        what=f"noisy descent against A, {where}",
        unit="advantage",
        certified=price.a.advantage,
        measured=bound.advantage,
        must="exceed",
    )


def problem_of(sigma: float) -> Problem:
    """101 records in {-1, +1}, loss -x theta, mean over whoever is left."""
    return Problem(
        lam=1.0,
        beta=1.0,
        lipschitz=1.0,
        n=ROWS,
        eta=0.5,
        sigma=sigma,
        adjacency="remove",
        features=1,
        classes=2,
        norm_bound=1.0,
    )


def deleted_models(study: Study, *, sigma: float, target: float) -> Floats:
    """One model per run, shape (M,), after the target and the 50 records against the model's sign have left."""
    problem = problem_of(sigma)
    model = study.walk(origin(study.runs), pull=-target, problem=problem, steps=LEARN)  # the two halves cancel
    stay = HALF * np.sign(model[:, 0])
    return study.walk(model, pull=column(-stay), problem=problem, steps=DELETE, rows=HALF)[:, 0]
