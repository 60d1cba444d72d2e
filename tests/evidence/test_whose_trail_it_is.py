"""A trail is of the kind that its bundle says, its places serve what was published, its draws ended as priced."""

from typing import Any

import pytest

from evidence.bundle import INDEX
from evidence.canonical import canonical_bytes, digest, parse_canonical
from evidence.checks.arithmetic import priced_cause
from evidence.container import pack
from evidence.faults import Fault
from evidence.verify import verify_bytes
from tests.evidence import specimen
from tests.evidence.forging import verdict_on
from tests.evidence.specimen import KINDS, Erasure, honest_members, listed, trust


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_bundle_of_each_kind_is_about_a_thread_of_that_kind(kind: str) -> None:
    for other in KINDS:
        members = listed(honest_members(other), other)
        index = parse_canonical(members[INDEX])
        members[INDEX] = canonical_bytes({**index, "kind": kind})
        report = verify_bytes(pack(members), trust=trust())
        named = [line for line in report.differences if line.where == f"thread of kind {kind}"]
        assert [line.fault for line in named] == ([] if kind == other else [Fault.THREAD])


def test_a_place_that_still_serves_the_old_weights_is_a_fault() -> None:
    report = verdict_on(Erasure(serving=digest(b"the old weights")).members())
    assert [line.fault for line in report.differences] == [Fault.WEIGHTS]
    assert "deployment:reported" in report.differences[0].where


@pytest.mark.parametrize("cause", ["worker_stopped", "cancelled", "lease_lost", "I felt like it", None])
def test_a_draw_priced_as_a_crash_that_did_not_crash_is_a_fault(
    cause: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = verdict_on(ended(cause, monkeypatch))
    assert [line.fault for line in report.differences] == [Fault.LEDGER]
    assert "draws of" in report.differences[0].where


@pytest.mark.parametrize("cause", ["crash", "exit_137", "broken_result", "storage_full", "worker_error"])
def test_a_crash_by_any_of_its_names_is_priced_as_one(cause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict_on(ended(cause, monkeypatch)).differences == []


def ended(cause: str | None, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The specimen, whose ledger prices its first draw as a crash, with this cause in the log."""
    honest = specimen._before_release

    def otherwise(documents: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        events = honest(documents)
        return [(name, body | {"cause": cause} if body.get("cause") else body) for name, body in events]

    monkeypatch.setattr(specimen, "_before_release", otherwise)
    return Erasure().members()


def test_the_platform_prices_causes_as_the_verifier_does() -> None:
    from governance.jobs.candidates import price_cause

    for cause in (
        "exit_1",
        "broken_result",
        "storage_full",
        "worker_error",
        "lease_lost",
        "worker_stopped",
        "cancelled",
        "",
    ):
        assert price_cause(cause) == priced_cause(cause)
