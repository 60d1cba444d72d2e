"""An alarm may be called false by a third person, and damage is no false alarm."""

from typing import Any

import pytest

from evidence.canonical import digest_json
from evidence.faults import Fault
from tests.evidence import specimen
from tests.evidence.forging import faults, verdict_on
from tests.evidence.specimen import POLICY, Erasure, user

ALARM = digest_json("the verdict that failed")
FAILED = ("verdict:reached", {"verdict": ALARM, "outcome": "failed", "attempts": 3})
RULES = {"utility_floor": 0.7, "level": 0.05}
Event = tuple[str, dict[str, Any]]


class Cleared(Erasure):
    """An erasure whose verdict clears an earlier one."""

    verdict: dict[str, Any] = {"clears": ALARM, "attempt": 1, "utility": {"successes": 90, "trials": 114}}

    def documents(self) -> dict[str, Any]:
        documents = super().documents()
        documents["verdict.json"] |= self.verdict
        parts, people = specimen._parts(documents), documents["approvals.json"]
        documents["approvals.json"] = specimen.approvals_document(
            **parts, proposer=people["proposer"], approvers=people["approvers"]
        )
        return documents


def cleared(
    monkeypatch: pytest.MonkeyPatch,
    *,
    case: Erasure | None = None,
    alarm: Event | None = FAILED,
    clears: str = ALARM,
    clearer: str | None = None,
    then: tuple[Event, ...] = (),
) -> Any:
    """The verifier's report on an erasure in which somebody cleared an alarm, and then something happened."""
    honest = specimen._before_release

    def with_alarm(documents: dict[str, Any]) -> list[Event]:
        *before, (event, body), issued = honest(documents)
        found = {**body, "clears": clears, **({"clearer": clearer} if clearer else {})}
        return [*before, *([alarm] if alarm else []), (event, found), issued, *then]

    monkeypatch.setattr(specimen, "_before_release", with_alarm)
    return verdict_on((case or Cleared(policy={**POLICY, "verification": RULES})).members())


def test_an_alarm_cleared_by_a_third_person_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cleared(monkeypatch, clearer=user("cleo")).differences == []


def test_a_trail_from_before_clearers_were_named_still_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cleared(monkeypatch).differences == []


@pytest.mark.parametrize("name", ["olga", "ann", "ben"])
def test_neither_the_proposer_nor_an_approver_may_clear(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = cleared(monkeypatch, clearer=user(name))
    assert faults(report) == [Fault.APPROVALS]
    assert "clearer" in report.differences[0].where


def test_a_clearer_that_is_no_commitment_is_an_unsound_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cleared(monkeypatch, clearer="ann@example.org").exit_code == Fault.THREAD


def test_who_cleared_the_first_candidates_alarm_may_approve_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    climb = ("plan:moved", {"climb": "retrain"})
    assert Fault.APPROVALS not in faults(cleared(monkeypatch, clearer=user("ann"), then=(climb,)))


def test_only_an_earlier_verdict_that_failed_can_be_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = (FAILED[0], {**FAILED[1], "outcome": "passed"})
    for alarm in (None, passed):
        with monkeypatch.context() as patch:
            assert faults(cleared(patch, alarm=alarm)) == [Fault.VERDICT]


def test_the_verdict_names_the_one_that_it_clears(monkeypatch: pytest.MonkeyPatch) -> None:
    report = cleared(monkeypatch, case=Erasure())
    assert [line.where for line in report.differences] == ["verdict.json $.clears"]


def test_a_damaged_model_is_not_published_by_calling_the_alarm_false(monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = Cleared(policy={**POLICY, "verification": RULES})
    damaged.verdict = {**Cleared.verdict, "utility": {"successes": 40, "trials": 114}}
    report = cleared(monkeypatch, case=damaged, clearer=user("cleo"))
    assert faults(report) == [Fault.GATE]
    assert "utility" in report.differences[0].where


@pytest.mark.parametrize(("right", "shut"), [(0, True), (68, True), (69, False), (114, False)])
def test_damage_is_what_the_platform_calls_damage(right: int, shut: bool) -> None:
    """The same exact bound as the platform's own, without its code."""
    from evidence.checks.alarms import _is_damaged
    from governance.verification.statistics import clopper_pearson

    verdict = {"attempt": 1, "utility": {"successes": right, "trials": 114}}
    bound = clopper_pearson(right, 114, level=RULES["level"] / 2)
    assert _is_damaged(verdict, RULES) == (bound.high < RULES["utility_floor"]) == shut
