"""Audit `gaussian-witness`: the pipeline that attains the bound, run many times in both worlds.

Linear losses under a common quadratic, one dimension, a fixed start: certified_deletion.md section 2.2 says that the
accountant's mu is then exact, so a measured bound far below it would mean a blind audit and one above it a bug.
"""

from __future__ import annotations

from dataclasses import dataclass

from unlearning.audit import histories
from unlearning.audit.confidence import lower_rates
from unlearning.audit.finding import Finding
from unlearning.audit.study import Study, origin, worst_case
from unlearning.audit.subject import Floats

NAME = "gaussian-witness"


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """One setting: how fast steps forget, and how many of them are taken."""

    contraction: float
    learn: int
    delete: int
    mu: float = 0.5


# The first is guarantees.md's running example. In the second a step forgets so much that a single one without noise
# shows at once.
PIPELINES = (Pipeline(contraction=0.9, learn=60, delete=9), Pipeline(contraction=0.5, learn=20, delete=2))


def attack(study: Study) -> list[Finding]:
    """After learning against the certificate of a person present, after deletion against A."""
    study.meter.begin(NAME, 2 * study.runs * sum(line.learn + line.delete for line in PIPELINES))
    return [finding for line in PIPELINES for finding in attack_pipeline(study, line)]


def attack_pipeline(study: Study, line: Pipeline) -> list[Finding]:
    """Both moments of one setting."""
    problem = worst_case(mu=line.mu, contraction=line.contraction, steps_learn=line.learn)
    present = study.subject.price(histories.learned(problem, steps=line.learn), delta=study.delta)
    after = study.subject.price(histories.deleted(problem, learn=line.learn, delete=line.delete), delta=study.delta)
    worlds = []
    for value in (-1.0, 1.0):  # the record's two values; the loss is -value * theta
        model = study.walk(origin(study.runs), pull=-value, problem=problem, steps=line.learn)
        worlds.append((model[:, 0], study.walk(model, pull=0.0, problem=problem, steps=line.delete)[:, 0]))
    (low, low_after), (high, high_after) = worlds
    where = f"c = {line.contraction:g}"
    return [
        _finding(study, low, high, what=f"after learning, {where}", certified=present.b.mu),
        _finding(
            study, low_after, high_after, what=f"after {line.delete} deletion steps, {where}", certified=after.a.mu
        ),
    ]


def _finding(study: Study, low: Floats, high: Floats, *, what: str, certified: float) -> Finding:
    bound = lower_rates(low, high, worth=lambda rates: rates.mu, confidence=study.confidence)
    return Finding(audit=NAME, what=what, unit="mu", certified=certified, measured=bound.mu, reach=0.5)
