"""The verifier hears the witness of noise and steps: it is there when asked for, and an accusation was answered."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from evidence.canonical import digest, digest_json
from evidence.faults import Fault
from tests.evidence import specimen
from tests.evidence.forging import faults, verdict_on
from tests.evidence.specimen import POLICY, Erasure, result, spec

WITNESS = "job_" + "9" * 32
RULES = {"level": 0.01, "simulations": 200, "seed": 0}
SAID = {"outcome": "noise as claimed", "code": None, "power_half_noise": 0.99, "power_half_steps": 0.98}


@dataclass
class Witnessed(Erasure):
    """An erasure under a policy that asks for a witness, and what the witness and the verdict say."""

    said: dict[str, Any] | None = None
    told: dict[str, Any] | None = None
    asked: dict[str, Any] = field(default_factory=dict)

    def documents(self) -> dict[str, Any]:
        documents = super().documents()
        if self.said is not None:
            given = {"new": digest_json(documents["release/manifest.json"]), "ledger": digest_json(self.ledger)}
            given |= {name: of for name, of in self.asked.items() if name in given}
            inputs = {name: {"path": f"inputs/{name}", "digest": of} for name, of in given.items()}
            rules = {**RULES, **{name: of for name, of in self.asked.items() if name in RULES}}
            documents[f"specs/{WITNESS}.json"] = spec(WITNESS, "verify.witness", rules) | {"inputs": inputs}
            documents[f"results/{WITNESS}.json"] = result(WITNESS, "verify.witness") | {"outputs": self.said}
        if self.told is not None:
            documents["verdict.json"] |= {"witness": self.told}
        people = documents["approvals.json"]
        documents["approvals.json"] = specimen.approvals_document(
            **specimen._parts(documents), proposer=people["proposer"], approvers=people["approvers"]
        )
        return documents


def heard(
    monkeypatch: pytest.MonkeyPatch, *, said: dict[str, Any] | None, told: dict[str, Any] | None, **asked: Any
) -> Any:
    """The verifier's report, with the witness's job in the log when there was one."""
    honest = specimen._before_release

    def with_witness(documents: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        *before, verdict, issued = honest(documents)
        if said is None:
            return [*before, verdict, issued]
        run = {"job": WITNESS, "attempt": 1, "spec": digest_json(documents[f"specs/{WITNESS}.json"])}
        recorded = {**run, "result": digest_json(documents[f"results/{WITNESS}.json"])}
        reached = (verdict[0], {**verdict[1], "attempts": 4})
        return [*before, ("attempt:started", run), ("job:recorded", recorded), reached, issued]

    monkeypatch.setattr(specimen, "_before_release", with_witness)
    policy = {**POLICY, "verification": {"witness": RULES}}
    return verdict_on(Witnessed(policy=policy, said=said, told=told, asked=asked).members())


def test_a_bundle_with_a_witness_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    assert heard(monkeypatch, said=SAID | {"words": "as claimed"}, told=SAID).differences == []


def test_a_witness_that_was_asked_for_and_never_heard_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(heard(monkeypatch, said=None, told=None)) == [Fault.VERDICT]


def test_a_verdict_that_retells_the_witness_otherwise_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    unsure = SAID | {"outcome": "inconclusive", "code": "CANNOT_TELL", "power_half_steps": 0.1}
    assert faults(heard(monkeypatch, said=unsure, told=SAID)) == [Fault.VERDICT]


def test_an_accusation_that_was_passed_over_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    accused = SAID | {"outcome": "accused"}
    assert faults(heard(monkeypatch, said=accused, told=accused)) == [Fault.GATE]


def test_what_a_witness_said_of_other_weights_is_not_said_of_these(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that climbed has an earlier witness: its word could be borrowed for a candidate nobody looked at."""
    assert faults(heard(monkeypatch, said=SAID, told=SAID, new=digest(b"another candidate"))) == [Fault.VERDICT]


@pytest.mark.parametrize("changed", [{"ledger": digest(b"a ledger with less noise")}, {"level": 1e-9}], ids=str)
def test_a_witness_asked_about_something_else_is_seen(monkeypatch: pytest.MonkeyPatch, changed: Any) -> None:
    report = heard(monkeypatch, said=SAID, told=SAID, **changed)
    assert faults(report) == [Fault.VERDICT]
    assert WITNESS in report.differences[0].where
