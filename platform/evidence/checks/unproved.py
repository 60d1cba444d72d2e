"""Unlearning that no ledger proves: does the choice follow, and did an attack judge the very weights released?"""

from __future__ import annotations

from evidence.canonical import Json, is_digest
from evidence.case import Case
from evidence.faults import Fault
from evidence.unproved_plans import PRICES, SHADOW_MODELS, UnreadablePlanError, differences, needs_shadows

RUNG = "unlearned_approximately"
_ENGINE = "classifier.unlearn"
_ATTACK = "verify.network"
# What the policy says of the attack itself; the rest of its rules is about judging.
_SEARCH = ("budgets", "norm", "target", "transfer", "seed", "steps", "restarts", "low", "high", "frozen")
_ASKED = (*_SEARCH, "probes", "membership")

# How hard the attack looked, as a certificate repeats it.
_STRENGTH = ("budgets", "norm", "target", "steps", "restarts", "probes", "membership", "references", "references_by")


def check_choice(case: Case, plan: Json) -> None:
    """The choice recomputed from the plan's facts, and those facts against the policy."""
    try:
        for name in differences(plan):
            found = plan["choice"].get(name)
            case.fault(Fault.PLAN, f"plan.json $.choice.{name}", "what its inputs lead to", found)
    except UnreadablePlanError as error:
        case.fault(Fault.PLAN, "plan.json", "facts that lead to a choice", str(error))
        return
    policy, inputs = case.documents.get("policy.json", {}), plan["inputs"]
    rules = _object(policy.get("verification"))
    wish, priced = _object(rules.get("approximate")), _object(policy.get("prices"))
    wanted = {
        "method": wish.get("method"),
        "references": 0 if rules.get("references_by") == "qualification" else rules.get("references"),
        "shadows": SHADOW_MODELS if needs_shadows(rules) else 0,
        "prices": {name: priced.get(name) for name in PRICES} if all(name in priced for name in PRICES) else None,
    }
    for name, value in wanted.items():
        if inputs.get(name) != value:
            case.fault(Fault.PLAN, f"plan.json $.inputs.{name} (policy.json)", value, inputs.get(name))
    given = _object(wish.get("params"))
    unlike = {name: value for name, value in given.items() if _object(inputs.get("params")).get(name) != value}
    case.expect(Fault.PLAN, "plan.json $.inputs.params (policy.json)", {}, unlike)


def check_run(case: Case, plan: Json) -> None:
    """The method that ran is the planned one, and an attack under this policy was made on the weights released."""
    spec, certificate = case.candidate_document("specs"), case.documents.get("certificate.json", {})
    if spec is None or certificate.get("rung") != RUNG:
        return
    case.expect(Fault.PLAN, "engine of the job that unlearned", _ENGINE, spec["engine"])
    planned = {**_object(plan["inputs"].get("params")), "method": plan["inputs"]["method"]}
    ran = {name: spec["params"].get(name) for name in planned}
    case.expect(Fault.PLAN, "method and parameters of that job", planned, ran)
    numbers = [certificate[name][number] for name in ("a", "b", "b_before") for number in ("mu", "epsilon")]
    case.expect(Fault.CERTIFICATE, "numbers of a claim that only an attack carries", [None] * 6, numbers)
    for name, value in {"method": planned["method"], "battery": _battery(case)}.items():
        # Certificates of other houses may name neither; what is named must be what was planned and asked.
        if certificate.get(name, value) != value:
            case.fault(Fault.CERTIFICATE, f"certificate.json $.{name}", value, certificate[name])
    _check_attack(case)


def _battery(case: Case) -> Json:
    rules = _object(case.documents.get("policy.json", {}).get("verification"))
    return {name: rules[name] for name in _STRENGTH if name in rules}


def _check_attack(case: Case) -> None:
    rules = _object(case.documents.get("policy.json", {}).get("verification"))
    weights = case.candidate.body["weights"] if case.candidate else None
    recorded = {entry.body["job"]: entry.body.get("measurements") for entry in case.logged("job:recorded")}
    specs = [document for path, document in case.documents.items() if path.startswith("specs/")]
    attacks = [spec for spec in specs if spec["engine"] == _ATTACK and spec["job"] in recorded]
    on_these = [spec for spec in attacks if _object(spec["inputs"].get("candidate")).get("digest") == weights]
    if not on_these:
        case.fault(Fault.GATE, f"gate of rung {RUNG}", "a recorded attack on the weights released", "none")
        return
    for spec in on_these:
        wanted = {name: rules[name] for name in _ASKED if name in rules}
        asked = {name: spec["params"].get(name) for name in wanted}
        case.expect(Fault.VERDICT, f"specs/{spec['job']}.json $.params (policy.json)", wanted, asked)
    found = case.documents.get("verdict.json", {}).get("measurements") or []
    if not {recorded[spec["job"]] for spec in on_these} & set(found):
        case.fault(Fault.VERDICT, "verdict.json $.measurements", "what the attack on these weights measured", found)
    if rules.get("references_by") == "qualification":
        _check_qualified(case)
    elif not any("references" in spec["inputs"] for spec in on_these):
        case.fault(Fault.GATE, f"gate of rung {RUNG}", "an attack beside retrained references", "none")


def _check_qualified(case: Case) -> None:
    """Without references of its own the verdict rests on a trial of the recipe, and must say on which."""
    named = case.documents.get("verdict.json", {}).get("qualification")
    if not is_digest(named):
        case.fault(Fault.VERDICT, "verdict.json $.qualification", "the digest of a qualification", named)


def _object(value: Json) -> Json:
    return value if isinstance(value, dict) else {}
