"""Audit `cached-state`: many releases of a curator who keeps secret state, and of one who keeps none.

One published model is within its claim; but secret state that remembers the deleted record lets every later release
say a little more of it, without limit. Two real algorithms that keep some, as positive controls, and the noisy descent,
which keeps nothing but the last noisy iterate and so says no more in a thousand releases than in the first.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unlearning.accounting import GdpBound, Problem
from unlearning.accounting.noisy_descent import deletion_bound_of
from unlearning.audit import histories
from unlearning.audit.certified_removal import CertifiedRemoval
from unlearning.audit.confidence import lower_rates
from unlearning.audit.descent_to_delete import DescentToDelete
from unlearning.audit.differencing import discriminant
from unlearning.audit.finding import Finding, Must
from unlearning.audit.study import Study, origin, worst_case
from unlearning.audit.subject import Floats

NAME = "cached-state"
RELEASES = (1, 100, 1000)
MU = 0.2  # what one release after the deletion may say
CONTRACTION, LEARN, DELETE = 0.9, 60, 9
_ORDINARY, _OUTLIER = 0.3, -1.0


def attack(study: Study) -> list[Finding]:
    """The two algorithms with state must exceed what one release claims; the stateless one may not."""
    releases = (sum(RELEASES) + RELEASES[-1]) * inner_runs(study) + RELEASES[-1] * ledger_runs(study)
    steps = (LEARN + DELETE + RELEASES[-1] - 1) * stateless_runs(study)
    study.meter.begin(NAME, 2 * (steps + releases))
    return [*stateless(study), *inner_iterate(study), *residual_ledger(study)]


def inner_iterate(study: Study) -> Iterator[Finding]:
    """Descent-to-Delete: the model published again and again, and with inner steps in between."""
    algorithm = DescentToDelete(mu=MU)
    claimed = GdpBound(MU).advantage
    for releases in RELEASES:
        measured = inner_iterate_advantage(study, algorithm, releases=releases)
        yield _finding(f"Descent-to-Delete, {_count(releases)}", claimed, measured, _must(releases))
    measured = inner_iterate_advantage(study, algorithm, releases=RELEASES[-1], steps_between=1)
    yield _finding(f"same, an inner step before each of {RELEASES[-1]}", claimed, measured, "exceed")


def inner_iterate_advantage(
    study: Study, algorithm: DescentToDelete, *, releases: int, steps_between: int = 0
) -> float:
    """The bound for the weighted sum of all releases."""
    draw, runs = study.generator(f"{NAME} inner"), inner_runs(study)
    low, high = (
        algorithm.traces(draw, value=value, runs=runs, releases=releases, steps_between=steps_between)
        for value in (-1.0, 1.0)
    )
    study.meter.advance(2 * runs * releases)
    return _advantage(study, low, high)


def residual_ledger(study: Study) -> Iterator[Finding]:
    """Certified removal: an ordinary record against a mislabelled outlier, by the moment of the retraining."""
    algorithm, draw, runs = CertifiedRemoval(), study.generator(f"{NAME} ledger"), ledger_runs(study)
    ordinary, outlier = (
        algorithm.jumps(draw, value=value, runs=runs, releases=RELEASES[-1]) for value in (_ORDINARY, _OUTLIER)
    )
    study.meter.advance(2 * runs * RELEASES[-1])
    for releases in RELEASES:
        late = releases + 1.0
        measured = _advantage(study, -np.minimum(ordinary, late), -np.minimum(outlier, late))
        yield _finding(f"residual ledger, {_count(releases)}", algorithm.advantage, measured, _must(releases))


def stateless(study: Study) -> Iterator[Finding]:
    """The real engine: one more step before each further release; the attacker holds all of these releases.

    A of the whole history has to hold for all together: no later step may have lowered it.
    """
    problem = stateless_problem()
    traces = [stateless_traces(study, problem, value=value) for value in (-1.0, 1.0)]
    for number, releases in enumerate(RELEASES):
        ledger = histories.served(problem, learn=LEARN, delete=DELETE, releases=releases)
        certified = study.subject.price(ledger, delta=study.delta).a.advantage
        low, high = (trace[:, number] for trace in traces)
        half = len(low) // 2
        weights = discriminant(low[:half], high[:half])
        measured = _advantage(study, low @ weights, high @ weights)
        yield _finding(f"noisy descent, stateless, {_count(releases)}", certified, measured, "stay below")


def stateless_problem() -> Problem:
    """Sigma such that the first release after the deletion is `MU`."""
    one = worst_case(mu=1.0, contraction=CONTRACTION, steps_learn=LEARN)
    after = deletion_bound_of(one, steps_learn=LEARN, steps_delete=DELETE).mu
    return worst_case(mu=MU / after, contraction=CONTRACTION, steps_learn=LEARN)


def stateless_traces(study: Study, problem: Problem, *, value: float) -> Floats:
    """For each run and each number of releases: the first, the last and the mean of them. Shape (M, releases, 3)."""
    model = study.walk(origin(stateless_runs(study)), pull=-value, problem=problem, steps=LEARN)
    model = study.walk(model, pull=0.0, problem=problem, steps=DELETE)
    first, total, traces = model, np.zeros_like(model), []
    for release in range(1, RELEASES[-1] + 1):
        if release > 1:
            model = study.walk(model, pull=0.0, problem=problem, steps=1)
        total = total + model
        if release in RELEASES:
            traces.append(np.hstack([first, model, total / release]))
    return np.stack(traces, axis=1)


def stateless_runs(study: Study) -> int:
    """A thousand releases of each run: fewer runs will do."""
    return min(study.runs, 10_000)


def inner_runs(study: Study) -> int:
    """Runs of Descent-to-Delete."""
    return min(study.runs, 20_000)


def ledger_runs(study: Study) -> int:
    """Runs of certified removal, which trains each of them."""
    return max(200, min(study.runs // 50, 2000))


def _advantage(study: Study, low: Floats, high: Floats) -> float:
    return lower_rates(low, high, worth=lambda rates: rates.advantage, confidence=study.confidence).advantage


def _must(releases: int) -> Must:
    return "stay below" if releases == 1 else "exceed"


def _count(releases: int) -> str:
    return "1 release" if releases == 1 else f"{releases} releases"


def _finding(what: str, certified: float, measured: float, must: Must) -> Finding:
    return Finding(audit=NAME, what=what, unit="advantage", certified=certified, measured=measured, must=must)
