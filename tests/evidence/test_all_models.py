"""The headline is about every model that held the rows: it is computed again, and nothing can be left out of it."""

import math
from typing import Any

import pytest

from evidence.canonical import digest_json
from evidence.checks.all_models import ledger_path
from evidence.faults import Fault
from evidence.pricing import PricingError, jointly, line_bounds, numbers_of
from tests.evidence import specimen
from tests.evidence.forging import document, faults, put, verdict_on
from tests.evidence.specimen import DELTA, Erasure, honest_members, ledger, other_ledger
from unlearning.accounting import GdpBound

OTHERS = ledger_path(digest_json(other_ledger()))
NOTHING = {"mu": None, "epsilon": None}


def issued_with(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Any:
    """The report on a case whose house issued and logged a certificate with these changes."""
    honest = specimen.certificate
    monkeypatch.setattr(specimen, "certificate", lambda **parts: {**honest(**parts), **changes})
    return verdict_on(Erasure().members())


def test_the_joint_number_of_an_honest_case_is_larger_than_the_models_own() -> None:
    members = honest_members("erasure")
    certificate = document(members, "certificate.json")
    assert verdict_on(members).differences == []
    for name in ("a", "b"):
        assert certificate[f"{name}_all_models"]["mu"] > certificate[name]["mu"]


def test_a_wrong_joint_number_is_refused_although_the_log_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    own = specimen.certificate(behind=ledger(), spec="")["b"]
    report = issued_with(monkeypatch, b_all_models=own)
    assert {line.where for line in report.differences} == {
        f"certificate.json $.b_all_models.{number} (recomputed over all models)" for number in ("mu", "epsilon")
    }
    assert report.exit_code == Fault.CERTIFICATE


def test_leaving_a_model_out_of_the_list_does_not_fit_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Fault.CERTIFICATE in faults(issued_with(monkeypatch, other_models=[]))


def test_leaving_it_out_and_counting_anew_is_not_the_issued_certificate() -> None:
    members = honest_members("erasure")
    certificate = document(members, "certificate.json")
    own = {f"{name}_all_models": certificate[name] for name in ("a", "b")}
    put(members, "certificate.json", {**certificate, **own, "other_models": []})
    del members[OTHERS]
    assert Fault.CERTIFICATE in faults(verdict_on(members))


def test_a_ledger_that_the_certificate_names_cannot_be_left_out() -> None:
    members = honest_members("erasure")
    del members[OTHERS]
    assert faults(verdict_on(members)) == [Fault.MEMBER_LIST, Fault.LEDGER]


def test_a_ledger_that_no_certificate_names_is_one_too_many() -> None:
    members = honest_members("erasure")
    put(members, "ledgers/" + "0" * 64 + ".json", other_ledger())
    assert faults(verdict_on(members)) == [Fault.MEMBER_LIST]


def test_a_forged_ledger_of_another_model_is_named() -> None:
    members = honest_members("erasure")
    forged = other_ledger()
    forged["problem"]["sigma"] *= 2
    put(members, OTHERS, forged)
    report = verdict_on(members)
    assert (report.exit_code, "the other model's ledger" in report.differences[0].where) == (Fault.LEDGER, True)


@pytest.mark.parametrize("missing", ["a_all_models", "b_all_models", "other_models"])
def test_a_certificate_of_the_second_format_has_all_three(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    honest = specimen.certificate
    monkeypatch.setattr(
        specimen, "certificate", lambda **parts: {k: v for k, v in honest(**parts).items() if k != missing}
    )
    assert Fault.FORMAT in faults(verdict_on(Erasure().members()))


def test_a_certificate_of_the_first_format_cannot_carry_a_headline_that_nobody_computes(monkeypatch) -> None:
    """Judged by the policy's bound in place of B, and never recomputed: any number would have passed."""
    tight = {**specimen.POLICY, "bounds": {"a_epsilon": 0.5, "b_epsilon": 1}}
    monkeypatch.setattr(specimen, "POLICY", tight)
    honest = specimen.certificate
    forged = {"format": "obelus/certificate/1", "b_all_models": {"mu": 0.01, "epsilon": 0.01}, "other_models": []}
    monkeypatch.setattr(specimen, "certificate", lambda **parts: {**honest(**parts), **forged})
    report = verdict_on(Erasure(policy=tight).members())
    assert honest(behind=ledger(), spec="")["b"]["epsilon"] > 1
    assert {Fault.FORMAT, Fault.GATE} <= set(faults(report))
    where = {line.where for line in report.differences}
    assert {"certificate.json $.b_all_models", "certificate.json $.b.epsilon"} <= where


def test_a_model_without_a_ledger_makes_the_headline_infinite(monkeypatch: pytest.MonkeyPatch) -> None:
    line = {"model": "mdl_" + "5" * 32, "ledger": None, "group": 1, "batch": None, "ended": False}
    changes = {"other_models": [specimen.other_line(), line], "a_all_models": NOTHING, "b_all_models": NOTHING}
    report = issued_with(monkeypatch, **changes)
    assert [line.where for line in report.differences] == ["certificate.json $.b_all_models.epsilon"]
    assert report.exit_code == Fault.GATE, "an infinite number is within no bound"


def test_the_policys_bound_on_b_judges_the_joint_number(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = specimen.certificate(behind=ledger(), spec="")
    between = 0.5 * (certificate["b"]["epsilon"] + certificate["b_all_models"]["epsilon"])
    policy = {**specimen.POLICY, "bounds": {"a_epsilon": 0.5, "b_epsilon": between}}
    monkeypatch.setattr(specimen, "POLICY", policy)
    report = verdict_on(Erasure(policy=policy).members())
    assert Fault.GATE in faults(report)
    assert "certificate.json $.b_all_models.epsilon" in {line.where for line in report.differences}


def test_fewer_rows_than_the_public_cap_are_not_all_of_a_persons_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    many = other_ledger()
    many["problem"]["contribution_cap"] = 3
    monkeypatch.setattr(specimen, "other_ledger", lambda: many)
    report = verdict_on(Erasure().members())
    assert {line.where for line in report.differences} == {"certificate.json $.other_models[0].group"}


def test_an_ended_line_publishes_nothing_later_and_stays_in_b(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = specimen.certificate(behind=ledger(), spec="")
    line = {**specimen.other_line(), "ended": True}
    assert issued_with(monkeypatch, other_models=[line], a_all_models=honest["a"]).differences == []


def test_squares_add_and_epsilons_do_not() -> None:
    assert jointly([GdpBound(3.0), GdpBound(4.0)]) == GdpBound(5.0)
    assert jointly([]) == GdpBound(0.0)
    assert numbers_of(GdpBound(math.inf), delta=DELTA) == NOTHING
    assert numbers_of(GdpBound(0.0), delta=None) == {"mu": 0.0, "epsilon": 0.0}
    both, one = (numbers_of(GdpBound(mu), delta=DELTA)["epsilon"] for mu in (math.sqrt(2), 1.0))
    assert one is not None and both is not None
    assert one < both < 2 * one


def test_what_vetoes_took_from_delta_adds_up_over_models() -> None:
    vetoed = jointly([GdpBound(0.1, reserve=DELTA / 2), GdpBound(0.1, reserve=DELTA / 4)])
    assert vetoed.reserve == 0.75 * DELTA
    spent = numbers_of(jointly([vetoed, vetoed]), delta=DELTA)
    assert spent["mu"] is not None and spent["epsilon"] is None, "nothing is left of delta"


def test_whoever_is_still_in_a_model_is_charged_all_of_it_until_the_deletion() -> None:
    still_in = line_bounds(ledger(), group=1, batch=None)
    deleted = line_bounds(ledger(), group=1, batch=specimen.DELETE)
    assert still_in[0] == still_in[1]
    assert deleted[0].mu < still_in[0].mu
    assert deleted[1].mu <= still_in[1].mu
    with pytest.raises(PricingError, match="9999"):
        line_bounds(ledger(), group=1, batch="job_" + "9" * 32)
