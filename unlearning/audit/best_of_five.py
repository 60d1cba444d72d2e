"""Audit `best-of-five`: a gate that keeps, of five candidates, the one with the lowest trace of the deleted record.

Every candidate alone is certified; their selection is not (guarantees.md H1), because the event "this one passed"
depends on the record. An audit that cannot see it is blind: this is its positive control. The same for a gate that
draws again until a candidate passes.
"""

from __future__ import annotations

import numpy as np

from unlearning.accounting import GdpBound, Ledger, Problem
from unlearning.accounting.events import Deleted, DrawDiscarded, Steps, Trained
from unlearning.audit import histories
from unlearning.audit.confidence import lower_rates
from unlearning.audit.finding import Finding
from unlearning.audit.study import Study, origin, worst_case
from unlearning.audit.subject import Floats

NAME = "best-of-five"
CANDIDATES = 5
# After five steps at c = 1/2 candidates from one start are as good as independent, and mu is .1 each.
CONTRACTION, LEARN, DELETE, MU = 0.5, 20, 5, 0.1


def attack(study: Study) -> list[Finding]:
    """Present against absent, two values, and what the accountant says of a gate that looked."""
    study.meter.begin(NAME, 2 * study.runs * (LEARN + CANDIDATES * DELETE) + study.runs * (LEARN + DELETE))
    problem = gated_problem()
    naive = study.subject.price(histories.deleted(problem, learn=LEARN, delete=DELETE), delta=study.delta).a.mu
    present, opposite = (kept(study, problem, value=value, candidates=CANDIDATES) for value in (1.0, -1.0))
    absent = kept(study, problem, value=0.0, candidates=1)
    alone = advantage(study, present, absent)
    return [
        _finding(study, "present against absent", naive, alone),
        _finding(study, "two values of the record", 2.0 * naive, advantage(study, present, opposite)),
        Finding(
            audit=NAME,
            what="present against absent, priced as looked at",
            unit="advantage",
            certified=study.subject.price(looked_at(problem), delta=study.delta).a.advantage,
            measured=alone,
        ),
    ]


def gated_problem() -> Problem:
    """Zero-out, the engine's own rule; sigma such that one candidate after the deletion is `MU`."""
    learned = worst_case(mu=1.0, contraction=CONTRACTION, steps_learn=LEARN, adjacency="zero_out")
    power = CONTRACTION**DELETE  # of the bound's closed form what is left when c^LEARN is as good as nothing
    return worst_case(mu=MU / power, contraction=CONTRACTION, steps_learn=LEARN, n=learned.n, adjacency="zero_out")


def kept(study: Study, problem: Problem, *, value: float, candidates: int) -> Floats:
    """The model that the gate lets through, shape (M,): the one whose trace (value * theta) is lowest."""
    model = study.walk(origin(study.runs), pull=-value, problem=problem, steps=LEARN)
    drawn = np.hstack([study.walk(model, pull=0.0, problem=problem, steps=DELETE) for _ in range(candidates)])
    chosen = np.argmin(value * drawn, axis=1)
    return np.take_along_axis(drawn, chosen[:, None], axis=1)[:, 0]


def advantage(study: Study, present: Floats, other: Floats) -> float:
    """The gate leaves the record's trace too low: small models speak for its presence."""
    return lower_rates(-other, -present, worth=lambda rates: rates.advantage, confidence=study.confidence).advantage


def looked_at(problem: Problem) -> Ledger:
    """The honest ledger of such a gate: draws discarded because someone looked, which no finite price covers."""
    discarded = [DrawDiscarded(attempt=turn, cause="looked", seen=False) for turn in range(1, CANDIDATES)]
    left, again = Deleted(records=1, batch="target"), Steps(steps=DELETE, job="audit")
    return Ledger(problem=problem, events=(Trained(steps=LEARN, job="audit"), left, *discarded, again))


def _finding(study: Study, what: str, mu: float, measured: float) -> Finding:
    return Finding(
        audit=NAME,
        what=f"{what}, naive certificate",
        unit="advantage",
        certified=GdpBound(mu).advantage,
        measured=measured,
        must="exceed",
    )
