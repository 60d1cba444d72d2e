"""From weights and retained rows to a finding: the noise of the ledger was there, or it was not, or nobody can tell.

A finding says nothing of the deleted rows: neither the weights before nor after are compared with them. One row left
among the retained ones moves the minimiser by 1 / (n_0 lam) of its gradient at most, far inside the noise, which is
what the noise is for; no test of these weights can see it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from unlearning.witness.basis import DenseBasis, basis_at
from unlearning.witness.claim import CannotTellError, Claim
from unlearning.witness.law import Law
from unlearning.witness.minimiser import minimiser
from unlearning.witness.objective import Floats, Objective
from unlearning.witness.power import Power, power_of
from unlearning.witness.questions import LAST_RUN, WHOLE_LINE, Answer, Question, answers
from unlearning.witness.runs import blocks, honest_runs
from unlearning.witness.trust import TRUSTED, doubt
from unlearning.witness.view import View, view_from

Outcome = Literal["noise as claimed", "accused", "inconclusive"]
Report = Callable[[int, int], None]
MOST_WORK = 1e14  # multiplications in all simulated runs: some hours of one core


@dataclass(frozen=True, kw_only=True)
class Finding:
    """outcome and power are open (power is public arithmetic); answers and doubts look at rows and stay sealed.

    same: the new weights are the old ones. doubts: of the chi-square laws, by view. simulated: by view, how many runs.
    """

    outcome: Outcome
    power: Power
    same: bool
    answers: tuple[Answer, ...]
    doubts: dict[str, float]
    simulated: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Means:
    """How the witness works: the level of all questions together, runs to simulate where needed, seed, progress."""

    level: float
    simulations: int
    seed: int
    report: Report


def examine(objective: Objective, claim: Claim, *, old_KG: Floats | None, new_KG: Floats, means: Means) -> Finding:
    """Put all questions to the published weights.

    old_KG: the weights that the last run started from; None or unused when it started from zero.
    Raises: CannotTellError with NO_MINIMISER, TOO_LARGE or OLD_WEIGHTS_MISSING.
    """
    if claim.before and old_KG is None:
        raise CannotTellError("OLD_WEIGHTS_MISSING", "the run started from old weights, and they are not there")
    K, G = new_KG.shape
    power = power_of(claim, outputs=K, features=G, level=means.level, seed=means.seed)
    found: list[Answer] = []
    doubts, simulated = {}, {}
    for name, view, questions in _views(objective, claim, old_KG, new_KG):
        laws, doubts[name], simulated[name] = _laws(objective, view, claim, means)
        found += answers(questions, laws, view.statistics(new_KG[None]), view=name, level=means.level)
    same = old_KG is not None and bool(np.array_equal(old_KG, new_KG))
    return Finding(
        outcome=_outcome(found, same, power),
        power=power,
        same=same,
        answers=tuple(found),
        doubts=doubts,
        simulated=simulated,
    )


def _views(
    objective: Objective, claim: Claim, old_KG: Floats | None, new_KG: Floats
) -> list[tuple[str, View, tuple[Question, ...]]]:
    """The last run from where it started; behind a deletion also the whole line from zero."""
    basis = basis_at(objective, minimiser(objective, new_KG))
    zero_KG = np.zeros_like(new_KG)
    if not claim.before or old_KG is None:
        return [("noise", view_from(objective, basis, claim, zero_KG, steps=claim.steps), LAST_RUN)]
    views: list[tuple[str, View, tuple[Question, ...]]]
    views = [("descent", view_from(objective, basis, claim, old_KG, steps=claim.steps), LAST_RUN)]
    if isinstance(basis, DenseBasis):  # else every law must be simulated, and the whole line has many more steps
        line = view_from(objective, basis, claim, zero_KG, steps=claim.before + claim.steps)
        views.append(("noise", line, WHOLE_LINE))
    return views


def _laws(objective: Objective, view: View, claim: Claim, means: Means) -> tuple[dict[str, Law], float, int]:
    """Chi-square where it may be trusted, else the same laws about what simulated honest runs show."""
    draw = np.random.default_rng(means.seed)
    doubted = doubt(objective, view, claim, draw=draw)
    if doubted <= TRUSTED:
        means.report(1, 1)
        return view.laws(), doubted, 0
    work = 4.0 * objective.rows.size * len(view.start) * view.steps * means.simulations
    if work > MOST_WORK:
        raise CannotTellError("TOO_LARGE", "the honest runs to compare with would take too long to simulate")
    ends_SKG = honest_runs(
        objective,
        view.start,
        claim,
        steps=view.steps,
        count=means.simulations,
        draw=draw,
        after_step=_counted(means.report, blocks(objective, len(view.start), count=means.simulations) * view.steps),
    )
    seen = view.statistics(ends_SKG)
    return {name: law.seen(seen[name]) for name, law in view.laws().items()}, doubted, means.simulations


def _counted(report: Report, steps: int) -> Callable[[], None]:
    done = 0

    def after_step() -> None:
        nonlocal done
        done += 1
        report(done, steps)

    return after_step


def _outcome(found: list[Answer], same: bool, power: Power) -> Outcome:
    """Accused on evidence alone; "as claimed" only where a cheat would have been caught."""
    if same or any(answer.accuses for answer in found):
        return "accused"
    return "noise as claimed" if power.enough else "inconclusive"
