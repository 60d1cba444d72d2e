"""The audits by name: a sentence for people, what each must do, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from unlearning.audit import (
    adaptive_requester,
    best_of_five,
    cached_state,
    cyclic_witness,
    differencing,
    gaussian_witness,
    necessity,
    one_run_canaries,
)
from unlearning.audit.finding import Finding
from unlearning.audit.study import Study


@dataclass(frozen=True, kw_only=True)
class Audit:
    """One attack: its findings hold or do not."""

    name: str
    sentence: str
    must: str
    attack: Callable[[Study], list[Finding]]


_ALL = (
    Audit(
        name=gaussian_witness.NAME,
        sentence="The pipeline for which the accountant's bound is exact, run many times with each of two records.",
        must="Stay below mu after learning and after deletion, and reach at least half of both.",
        attack=gaussian_witness.attack,
    ),
    Audit(
        name=cyclic_witness.NAME,
        sentence="The same for cyclic mini-batches, through the engine's kernel, with the record in the worst slot.",
        must="Stay below mu after learning and after deletion, and reach at least half of both.",
        attack=cyclic_witness.attack,
    ),
    Audit(
        name=one_run_canaries.NAME,
        sentence="One run of the engine with 2,000 coins in it (Steinke, Nasr, Jagielski 2023): who was in?",
        must="Stay below epsilon after learning (B) and after the canaries' deletion (A).",
        attack=one_run_canaries.attack,
    ),
    Audit(
        name=adaptive_requester.NAME,
        sentence="People delete because of what the published model says, and those who stay tell of it.",
        must="Exact retraining without noise leaks; noisy descent stays below B and exceeds A.",
        attack=adaptive_requester.attack,
    ),
    Audit(
        name=cached_state.NAME,
        sentence="1, 100 and 1,000 releases of two algorithms that keep secret state, and of one that keeps none.",
        must="Those with state exceed what one release may say; the stateless descent stays below it.",
        attack=cached_state.attack,
    ),
    Audit(
        name=necessity.NAME,
        sentence="Membership tests on learning and on deletion put a floor under every adaptive guarantee.",
        must="The floor exceeds A's epsilon and stays below B's.",
        attack=necessity.attack,
    ),
    Audit(
        name=best_of_five.NAME,
        sentence="A gate that keeps, of five certified candidates, the one with the lowest trace of the record.",
        must="Exceed the naive certificate: if it does not, the audit is blind.",
        attack=best_of_five.attack,
    ),
    Audit(
        name=differencing.NAME,
        sentence="An attacker holds the old release and the new one together.",
        must="Stay below B and exceed A; the new release alone stays below A.",
        attack=differencing.attack,
    ),
)
AUDITS: dict[str, Audit] = {audit.name: audit for audit in _ALL}
