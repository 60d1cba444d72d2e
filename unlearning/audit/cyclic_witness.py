"""Audit `cyclic-witness`: the Gaussian witness for cyclic mini-batches, through the engine's own kernel and batches.

The record sits in the last slot, which the order visits last: the worst one (certified_deletion.md section 2.3). It is
a real row, shrunk to the norm bound by the engine; the loss is -x theta. Present against absent, the zero-out rule.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from unlearning.accounting import Problem
from unlearning.accounting.noisy_descent import learning_bound_of
from unlearning.audit import histories
from unlearning.audit.confidence import lower_rates
from unlearning.audit.finding import Finding
from unlearning.audit.study import Study, constants_of, origin
from unlearning.audit.subject import Floats
from unlearning.certified.rows import Part, part_of

NAME = "cyclic-witness"
SLOTS, BATCH = 100, 10
LEARN, DELETE, MU = 60, 10, 0.5  # six passes over ten batches, then one
_FEATURE = 3.0  # as stored; shrunk, the row and its intercept are (3, 1) / sqrt(10)
_ALONG = np.array([_FEATURE, 1.0]) / np.hypot(_FEATURE, 1.0)


def attack(study: Study) -> list[Finding]:
    """After learning against the certificate of a person present, after deletion against A."""
    study.meter.begin(NAME, 2 * study.runs * (LEARN + DELETE))
    problem = problem_of()
    present = study.subject.price(histories.learned(problem, steps=LEARN), delta=study.delta)
    after = study.subject.price(histories.deleted(problem, learn=LEARN, delete=DELETE), delta=study.delta)
    worlds = []
    for rows in (no_rows(), the_record()):
        model = walk(study, origin(study.runs, 2), rows, steps=LEARN)
        worlds.append((model @ _ALONG, walk(study, model, no_rows(), steps=DELETE) @ _ALONG))
    (absent, absent_after), (held, held_after) = worlds
    return [
        _finding(study, absent, held, what="after learning", certified=present.b.mu),
        _finding(study, absent_after, held_after, what="after one pass of deletion", certified=after.a.mu),
    ]


def problem_of() -> Problem:
    """Sigma such that learning costs the record in the worst slot `MU`."""
    unit = Problem(
        lam=0.1,
        beta=0.25,
        lipschitz=1.0,
        n=SLOTS,
        eta=0.5,
        sigma=1.0,
        adjacency="zero_out",
        features=2,
        classes=2,
        norm_bound=1.0,
        batch=BATCH,
        loss="binary",
    )
    return replace(unit, sigma=learning_bound_of(unit, steps_learn=LEARN).mu / MU)


def the_record(*, slot: int = SLOTS - 1) -> Part:
    """One row, in the last permanent slot unless told."""
    return part_of(np.array([[_FEATURE]]), np.ones(1, dtype=np.int64), np.array([slot]), norm_bound=1.0)


def no_rows() -> Part:
    """Empty slots."""
    nothing = np.empty(0, dtype=np.int64)
    return part_of(np.empty((0, 1)), nothing, nothing, norm_bound=1.0)


def walk(study: Study, start: Floats, rows: Part, *, steps: int) -> Floats:
    """The attacked engine over these rows, every run by itself."""
    return study.subject.cyclic(
        start,
        rows=rows,
        constants=replace(constants_of(problem_of(), steps=steps), batch=BATCH),
        after_step=lambda _step: study.meter.advance(len(start)),
    )


def _finding(study: Study, absent: Floats, held: Floats, *, what: str, certified: float) -> Finding:
    bound = lower_rates(absent, held, worth=lambda rates: rates.mu, confidence=study.confidence)
    told = f"{what}, {SLOTS // BATCH} batches of {BATCH}"
    return Finding(audit=NAME, what=told, unit="mu", certified=certified, measured=bound.mu, reach=0.5)
