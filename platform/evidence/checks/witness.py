"""Was the witness of noise and steps heard, where the policy asks for one, and was its accusation not passed over?"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import Case
from evidence.faults import Fault

_ENGINE = "verify.witness"
_TOLD = ("outcome", "code", "power_half_noise", "power_half_steps")


def check_witness(case: Case) -> None:
    """The verdict repeats what the witness said of these weights; an accusation is answered by a failed or cleared one.

    Policies from before there was a witness ask for none, and a model without a ledger has no noise to look for.
    """
    rules, verdict = case.documents.get("policy.json", {}).get("verification"), case.documents["verdict.json"]
    asked = isinstance(rules, dict) and "witness" in rules and "ledger.json" in case.documents
    heard = _heard(case)
    if asked and not heard:
        case.fault(Fault.VERDICT, "verdict.json $.witness", "a recorded witness, as the policy asks", "none")
    if not heard:
        return
    wanted = rules["witness"] if asked and isinstance(rules["witness"], dict) else {}
    for spec, _ in heard:
        _check_question(case, spec, wanted)
    said = heard[-1][1]
    case.expect(
        Fault.VERDICT, "verdict.json $.witness", {name: said.get(name) for name in _TOLD}, verdict.get("witness")
    )
    # Asked again until it says otherwise would be one more way to pass an accusation over: any one counts.
    accused = any(outputs.get("outcome") == "accused" for _, outputs in heard)
    if accused and verdict.get("outcome") != "failed" and verdict.get("clears") is None:
        case.fault(Fault.GATE, "verdict.json $.outcome", "an alarm, as the witness accuses", verdict.get("outcome"))


def _heard(case: Case) -> list[tuple[Json, Json]]:
    """Specification and public outputs of every recorded witness of the released weights, in the log's order.

    A plan that climbed has an earlier one about another candidate, and what that said is not said of these weights.
    """
    weights = case.candidate.body["weights"] if case.candidate else None
    found = []
    for entry in case.logged("job:recorded"):
        job = entry.body["job"]
        spec, result = case.documents.get(f"specs/{job}.json"), case.documents.get(f"results/{job}.json")
        if spec and result and spec["engine"] == _ENGINE and _given(spec, "new") == weights:
            found.append((spec, result.get("outputs", {})))
    return found


def _check_question(case: Case, spec: Json, rules: Json) -> None:
    """It was asked about this ledger, these rows and the weights that the deletion began with, as the policy says."""
    where, taken = f"specs/{spec['job']}.json", case.last("snapshot:taken")
    began = case.candidate_document("specs") or {"inputs": {}}
    given = {
        "ledger": case.digest_of("ledger.json"),
        "old": _given(began, "model"),  # a retraining began with none
        "features": taken.body.get("object") if taken else None,
    }
    for name, digest in given.items():
        if digest is not None:
            case.expect(Fault.VERDICT, f"{where} $.inputs.{name}", digest, _given(spec, name))
    asked = {name: spec["params"].get(name) for name in rules}
    case.expect(Fault.VERDICT, f"{where} $.params (policy.json)", rules, asked)


def _given(spec: Json, name: str) -> Json:
    entry = spec["inputs"].get(name)
    return entry.get("digest") if isinstance(entry, dict) else None
