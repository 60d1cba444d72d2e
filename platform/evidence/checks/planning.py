"""Do the plan and the policy stand as they were fixed, does the choice follow, and was the gate of the rung met?"""

from __future__ import annotations

import math

from evidence.canonical import Json
from evidence.case import Case, anchor
from evidence.faults import Fault
from evidence.plan import NoRouteError, choose, route_cost_s

# Design, section 4: what a verdict must be before a release on each rung.
_VERDICTS = {
    "retrained": {"passed", "inconclusive"},
    "unlearned_certified": {"passed", "inconclusive"},
    "unlearned_approximately": {"passed"},
    "filtered": {"passed", "inconclusive", "failed"},
}


def check_plan(case: Case) -> None:
    """The logged plan; costs and choice recomputed; the job that ran is the one that was chosen."""
    plan = case.documents["plan.json"]
    anchor(case, Fault.PLAN, key="plan", path="plan.json", events=("plan:confirmed",))
    for number, route in enumerate(plan["routes"]):
        cost = route_cost_s(steps=route["steps"], step_s=route["step_s"], verification_s=route["verification_s"])
        if not math.isclose(cost, route["cost_s"], rel_tol=1e-12):
            case.fault(Fault.PLAN, f"plan.json $.routes[{number}].cost_s", cost, route["cost_s"])
    try:
        chosen = choose(plan["routes"])
    except NoRouteError as error:
        case.fault(Fault.PLAN, "plan.json $.routes", "a feasible route", str(error))
        return
    case.expect(Fault.PLAN, "plan.json $.choice (recomputed)", chosen["engine"], plan["choice"])
    _check_run(case, plan, chosen)


def _check_run(case: Case, plan: Json, chosen: Json) -> None:
    spec = case.candidate_document("specs")
    if spec is None:
        return
    case.expect(Fault.PLAN, "engine of the job that made the release", plan["choice"], spec["engine"])
    if chosen["engine"] == spec["engine"] and "steps" in spec["params"]:
        case.expect(Fault.PLAN, "steps of that job", chosen["steps"], spec["params"]["steps"])
    if "forget" in spec["manifests"]:
        rows = sum(len(indexes) for indexes in spec["manifests"]["forget"].values())
        case.expect(Fault.PLAN, "rows that job forgot", plan["forget_rows"], rows)
    if "certificate.json" in case.documents:
        case.expect(Fault.PLAN, "rung claimed", chosen["rung"], case.documents["certificate.json"]["rung"])


def check_policy(case: Case) -> None:
    """The logged policy, fixed before the first attempt; its bounds hold."""
    anchor(case, Fault.POLICY, key="policy", path="policy.json", events=("policy:fixed",))
    if "plan.json" in case.documents:
        named = case.documents["plan.json"]["policy"]
        case.expect(Fault.POLICY, "policy.json (plan.json $.policy)", named, case.digest_of("policy.json"))
    fixed, started = case.logged("policy:fixed"), case.logged("attempt:started")
    if fixed and started and fixed[0].seq > started[0].seq:
        case.fault(Fault.POLICY, "policy:fixed", "before the first attempt", f"seq {fixed[0].seq}")
    certificate = case.documents.get("certificate.json")
    if certificate and certificate["rung"] == "unlearned_certified":
        _check_bounds(case, case.documents["policy.json"].get("bounds", {}), certificate)


def _check_bounds(case: Case, bounds: Json, certificate: Json) -> None:
    for name in ("a", "b"):
        most, claimed = bounds.get(f"{name}_epsilon"), certificate[name]["epsilon"]
        if most is not None and (isinstance(claimed, str) or claimed is None or claimed > most):
            case.fault(Fault.POLICY, f"certificate.json $.{name}.epsilon", f"at most {most}", claimed)


def check_verdict(case: Case) -> None:
    """The last verdict of the log, under this policy, from recorded measurements, enough for the rung."""
    verdict, reached = case.documents["verdict.json"], case.last("verdict:reached")
    if reached is None:
        return
    case.expect(Fault.VERDICT, "verdict.json", reached.body["verdict"], case.digest_of("verdict.json"))
    case.expect(Fault.VERDICT, "verdict.json $.outcome", reached.body["outcome"], verdict["outcome"])
    case.expect(Fault.VERDICT, "verdict.json $.policy", case.digest_of("policy.json"), verdict["policy"])
    recorded = {entry.body.get("measurements") for entry in case.logged("job:recorded")}
    for found in verdict.get("measurements", []):
        if found not in recorded:
            case.fault(Fault.VERDICT, "verdict.json $.measurements", "measurements that the log recorded", found)
    rung = case.documents.get("certificate.json", {}).get("rung")
    if rung and verdict["outcome"] not in _VERDICTS[rung]:
        allowed = sorted(_VERDICTS[rung])
        case.fault(Fault.POLICY, f"gate of rung {rung}", f"a verdict among {allowed}", verdict["outcome"])
