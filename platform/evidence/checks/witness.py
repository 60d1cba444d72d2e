"""Was the witness of noise and steps heard, where the policy asks for one, and was its accusation not passed over?"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import Case
from evidence.faults import Fault

_ENGINE = "verify.witness"
_TOLD = ("outcome", "code", "power_half_noise", "power_half_steps")


def check_witness(case: Case) -> None:
    """The verdict repeats what the last recorded witness said; who accuses is answered by a failed or cleared verdict.

    Policies from before there was a witness ask for none, and a model without a ledger has no noise to look for.
    """
    rules, verdict = case.documents.get("policy.json", {}).get("verification"), case.documents["verdict.json"]
    asked = isinstance(rules, dict) and "witness" in rules and "ledger.json" in case.documents
    said = _last_said(case)
    if asked and said is None:
        case.fault(Fault.VERDICT, "verdict.json $.witness", "a recorded witness, as the policy asks", "none")
    if said is None:
        return
    told = {name: said.get(name) for name in _TOLD}
    case.expect(Fault.VERDICT, "verdict.json $.witness", told, verdict.get("witness"))
    if said.get("outcome") == "accused" and verdict.get("outcome") != "failed" and verdict.get("clears") is None:
        case.fault(Fault.GATE, "verdict.json $.outcome", "an alarm, as the witness accuses", verdict.get("outcome"))


def _last_said(case: Case) -> Json:
    """Public outputs of the last recorded witness: a plan that climbed has an earlier one about another candidate."""
    said: Json = None
    for entry in case.logged("job:recorded"):
        job = entry.body["job"]
        spec, result = case.documents.get(f"specs/{job}.json"), case.documents.get(f"results/{job}.json")
        if spec and result and spec["engine"] == _ENGINE:
            said = result.get("outputs", {})
    return said
