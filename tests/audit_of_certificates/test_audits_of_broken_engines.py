"""The test of the tests: what is broken must come out above its certificate, and a blind audit must fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.audit_of_certificates.broken import BROKEN, RemembersTheFirst, credit_for_later_steps, no_noise
from unlearning.audit import AUDITS, Finding, Study, Subject, best_of_five, cached_state
from unlearning.audit.cyclic_witness import attack as cyclic_witness
from unlearning.audit.cyclic_witness import the_record
from unlearning.audit.gaussian_witness import attack as witness
from unlearning.audit.subject import certified_cyclic_engine
from unlearning.certified.noise import NoiseStream


def above(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings if finding.verdict == "ABOVE ITS CERTIFICATE"]


def test_the_witness_catches_every_broken_engine_and_accountant(broken):
    assert above(witness(Study(runs=60_000, subject=broken)))


def test_a_third_of_the_price_is_exceeded_wherever_the_attack_is_exact():
    study = Study(runs=20_000, subject=BROKEN["a third of the price"])
    assert above(AUDITS["differencing"].attack(study))
    assert above(AUDITS["adaptive-requester"].attack(study))


def test_the_witness_catches_the_real_steps_with_half_the_noise(monkeypatch):
    """The engine's own code, changed from within."""
    normals = NoiseStream.normals
    monkeypatch.setattr(NoiseStream, "normals", lambda self, count: normals(self, count) / 2)
    assert len(above(witness(Study(runs=20_000)))) >= 2
    assert above(cyclic_witness(Study(runs=20_000)))


def test_the_cyclic_witness_catches_a_batch_that_is_seen_twice_in_a_pass():
    """The price is of one visit in a pass; half the batches in the order mean two."""

    def hasty(start, *, rows, constants, after_step):
        half = constants.n_0 // 2
        sooner = the_record(slot=half - 1) if len(rows) else rows
        return certified_cyclic_engine(
            start, rows=sooner, constants=replace(constants, n_0=half), after_step=after_step
        )

    assert above(cyclic_witness(Study(runs=20_000, subject=Subject(cyclic=hasty))))


def test_one_run_is_enough_to_catch_an_engine_without_noise():
    findings = AUDITS["one-run-canaries"].attack(Study(subject=Subject(engine=no_noise)))
    assert len(above(findings)) == 4


def test_secret_state_is_caught_over_many_releases_though_not_at_the_first(monkeypatch):
    monkeypatch.setattr(cached_state, "RELEASES", (1, 300))
    study = Study(runs=4000, confidence=0.9999, subject=Subject(engine=RemembersTheFirst()))
    first, many = cached_state.stateless(study)
    assert first.held
    assert many.verdict == "ABOVE ITS CERTIFICATE"


def test_an_accountant_who_credits_steps_after_a_later_release_is_caught(monkeypatch):
    monkeypatch.setattr(cached_state, "RELEASES", (1, 100))
    monkeypatch.setattr(cached_state, "MU", 0.6)
    study = Study(runs=10_000, confidence=0.9999, subject=Subject(price=credit_for_later_steps))
    first, many = cached_state.stateless(study)
    assert first.held
    assert many.verdict == "ABOVE ITS CERTIFICATE"


def test_a_gate_that_keeps_the_first_candidate_fails_the_positive_control(monkeypatch):
    """If nothing is selected there is nothing to see, and an audit that says "held" would be lying."""
    monkeypatch.setattr(best_of_five, "CANDIDATES", 1)
    findings = best_of_five.attack(Study(runs=20_000))
    assert [finding.verdict for finding in findings[:2]] == ["NOT EXCEEDED", "NOT EXCEEDED"]


@pytest.mark.parametrize(
    ("certified", "measured", "must", "reach", "verdict"),
    [
        (1.0, 0.7, "stay below", 0.5, "held"),
        (1.0, 1.0, "stay below", 0.0, "held"),
        (1.0, 1.01, "stay below", 0.5, "ABOVE ITS CERTIFICATE"),
        (1.0, 0.49, "stay below", 0.5, "TOO WEAK"),
        (1.0, 1.01, "exceed", 0.0, "held"),
        (1.0, 1.0, "exceed", 0.0, "NOT EXCEEDED"),
        (float("inf"), 5.0, "stay below", 0.0, "held"),
        (1.0, float("nan"), "stay below", 0.0, "ABOVE ITS CERTIFICATE"),
        (1.0, float("nan"), "exceed", 0.0, "NOT EXCEEDED"),
    ],
)
def test_a_verdict_is_what_the_two_numbers_say(certified, measured, must, reach, verdict):
    finding = Finding(audit="a", what="b", unit="mu", certified=certified, measured=measured, must=must, reach=reach)
    assert (finding.verdict, finding.held) == (verdict, verdict == "held")
