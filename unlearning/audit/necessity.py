"""Audit `necessity`: without privacy for those still present there is no deletion that survives an adaptive requester.

Chourasia and Shah: if membership tests reach advantage D_A on learning and D_Abar on deletion, no guarantee that holds
for requesters who saw one release has epsilon < ln(1 + D_A D_Abar - 2 delta). The floor is measured on the real pair.
"""

from __future__ import annotations

import math

from unlearning.audit import histories
from unlearning.audit.adaptive_requester import DELETE, LEARN, problem_of
from unlearning.audit.confidence import lower_rates
from unlearning.audit.finding import Finding
from unlearning.audit.study import Study, origin

NAME = "necessity"
SIGMAS = (0.01, 0.05)


def attack(study: Study) -> list[Finding]:
    """The floor against A's epsilon, which it breaks, and against B's, which it may not."""
    study.meter.begin(NAME, 2 * study.runs * (2 * LEARN + DELETE) * len(SIGMAS))
    return [finding for sigma in SIGMAS for finding in floor_of_pair(study, sigma=sigma)]


def floor_of_pair(study: Study, *, sigma: float) -> list[Finding]:
    """Two advantages, each at half the risk, and the epsilon below which nothing adaptive can be claimed."""
    ledger = histories.published_and_deleted(problem_of(sigma), learn=LEARN, delete=DELETE)
    price = study.subject.price(ledger, delta=study.delta)
    on_learning = membership(study, sigma=sigma, then_deleted=0)
    on_deletion = membership(study, sigma=sigma, then_deleted=DELETE)
    floor = least_adaptive_epsilon(on_learning, on_deletion, delta=study.delta)
    where = f"sigma = {sigma:g} (D {on_learning:.3f}, {on_deletion:.3f})"
    return [
        Finding(
            audit=NAME,
            what=f"floor against A, {where}",
            unit="epsilon",
            certified=price.a.epsilon(study.delta),
            measured=floor,
            must="exceed",
        ),
        Finding(
            audit=NAME,
            what=f"floor against B, {where}",
            unit="epsilon",
            certified=price.b.epsilon(study.delta),
            measured=floor,
        ),
    ]


def least_adaptive_epsilon(on_learning: float, on_deletion: float, *, delta: float) -> float:
    """ln(1 + D_A D_Abar - 2 delta), or 0 where that claims nothing."""
    return max(0.0, math.log(max(1.0, 1.0 + on_learning * on_deletion - 2.0 * delta)))


def membership(study: Study, *, sigma: float, then_deleted: int) -> float:
    """How well a model tells which of two values a record *present* has, after so many steps of a deletion of others.

    The others' pull is known and cancels. A lower bound at half the study's risk: two of them are multiplied.
    """
    problem, worlds = problem_of(sigma), []
    for value in (-1.0, 1.0):
        model = study.walk(origin(study.runs), pull=-value, problem=problem, steps=LEARN)
        if then_deleted:
            model = study.walk(model, pull=-value, problem=problem, steps=then_deleted)
        worlds.append(model[:, 0])
    confidence = 1.0 - (1.0 - study.confidence) / 2.0
    return lower_rates(worlds[0], worlds[1], worth=lambda rates: rates.advantage, confidence=confidence).advantage
