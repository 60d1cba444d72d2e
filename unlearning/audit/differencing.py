"""Audit `differencing`: an attacker who kept the old release and holds it against the new one.

A speaks of later releases only; B of all. Whoever holds both meets B and breaks A. And when the attacker does not know
the other records, neither release alone says anything: only the difference does.
"""

from __future__ import annotations

import numpy as np

from unlearning.audit import histories
from unlearning.audit.confidence import lower_rates
from unlearning.audit.finding import Finding
from unlearning.audit.study import Study, column, origin, worst_case
from unlearning.audit.subject import Floats

NAME = "differencing"
CONTRACTION, LEARN, DELETE, MU = 0.9, 60, 30, 1.0
# How far the sum of the other records' gradients is from known: far more than one record can move it.
UNKNOWN = 50.0


def attack(study: Study) -> list[Finding]:
    """Others known, others unknown; old and new together, and the new one alone."""
    study.meter.begin(NAME, 4 * study.runs * (LEARN + DELETE))
    problem = worst_case(mu=MU, contraction=CONTRACTION, steps_learn=LEARN)
    ledger = histories.published_and_deleted(problem, learn=LEARN, delete=DELETE)
    price = study.subject.price(ledger, delta=study.delta)
    known = [releases(study, value=value, unknown=0.0) for value in (-1.0, 1.0)]
    unknown = [releases(study, value=value, unknown=UNKNOWN) for value in (-1.0, 1.0)]
    together, apart = mu_of(study, known), mu_of(study, unknown)
    alone = mu_of(study, [both[:, 1:] for both in unknown])
    return [
        Finding(audit=NAME, what="old and new, against B", unit="mu", certified=price.b.mu, measured=together),
        _control("old and new, against A", price.a.mu, together),
        Finding(audit=NAME, what="same, others unknown, B", unit="mu", certified=price.b.mu, measured=apart),
        _control("same, others unknown, A", price.a.mu, apart),
        Finding(audit=NAME, what="new alone, others unknown, A", unit="mu", certified=price.a.mu, measured=alone),
    ]


def releases(study: Study, *, value: float, unknown: float) -> Floats:
    """The old and the new release of each run, shape (M, 2); the target leaves in between.

    unknown: the standard deviation of the other records' pull, drawn anew for each run.
    """
    problem = worst_case(mu=MU, contraction=CONTRACTION, steps_learn=LEARN)
    others = unknown * study.generator(f"{NAME} {value:g}").standard_normal(study.runs)
    old = study.walk(origin(study.runs), pull=column(others - value), problem=problem, steps=LEARN)
    new = study.walk(old, pull=column(others), problem=problem, steps=DELETE)
    return np.hstack([old, new])


def mu_of(study: Study, worlds: list[Floats]) -> float:
    """The bound for a linear attack whose weights, like its threshold, are fixed on the first half of the runs."""
    low, high = worlds
    weights = discriminant(low[: len(low) // 2], high[: len(high) // 2])
    return lower_rates(low @ weights, high @ weights, worth=lambda rates: rates.mu, confidence=study.confidence).mu


def discriminant(low: Floats, high: Floats) -> Floats:
    """Fisher's linear discriminant: the best direction between two Gaussians of one covariance."""
    covariance = np.atleast_2d(np.cov(low, rowvar=False) + np.cov(high, rowvar=False))
    weights: Floats = np.linalg.pinv(covariance, hermitian=True) @ (high.mean(axis=0) - low.mean(axis=0))
    return weights


def _control(what: str, certified: float, measured: float) -> Finding:
    return Finding(audit=NAME, what=what, unit="mu", certified=certified, measured=measured, must="exceed")
