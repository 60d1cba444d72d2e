"""Do the plan and the policy stand as they were fixed, does the choice follow, and was the gate of the rung met?"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import Case, anchor
from evidence.checks import unproved
from evidence.checks.all_models import SECOND
from evidence.checks.bases import check_base
from evidence.checks.dropping import check_exact, planned_exact
from evidence.checks.retraining import check_retraining
from evidence.checks.witness import check_witness
from evidence.faults import Fault
from evidence.pricing import PricingError, plan_differences
from evidence.unproved_families import BY_UNLEARNING, EXACT
from evidence.unproved_plans import FORMATS as UNPROVED

# Design, section 4: what a verdict must be before a release on each rung.
_VERDICTS = {
    "retrained": {"passed", "inconclusive"},
    "unlearned_certified": {"passed", "inconclusive"},
    "unlearned_approximately": {"passed"},
    "filtered": {"passed", "inconclusive", "failed"},
}
# A route that is not here retrains.
_RUNGS = {"certified.delete": "unlearned_certified", "approximate": unproved.RUNG}
_ENGINES = {"certified.delete": "certified.delete", **dict.fromkeys((*BY_UNLEARNING, *EXACT.values()), "approximate")}


def check_plan(case: Case) -> None:
    """The logged plan; its choice recomputed from its facts; the job that ran is the one that was chosen."""
    plan = case.documents["plan.json"]
    anchor(case, Fault.PLAN, key="plan", path="plan.json", events=("plan:confirmed",))
    if plan["format"] == "obelus/plan-recipe/1":
        # Without a ledger there is nothing to compare: retraining is the one way.
        case.expect(Fault.PLAN, "plan.json $.choice.route", "retrain", plan["choice"]["route"])
    elif plan["format"] in UNPROVED:
        unproved.check_choice(case, plan)
        unproved.check_run(case, plan)
        if is_exact(case, "retrain" if climbed(case) else plan["choice"]["route"]):
            check_exact(case, plan)
            unproved.check_asked(case, plan)
        if case.documents.get("certificate.json", {}).get("rung") == "retrained":
            unproved.check_beside(case, plan)
    else:
        _check_choice(case, plan)
    check_base(case)
    _check_run(case, plan)


def _check_choice(case: Case, plan: Json) -> None:
    try:
        for name in plan_differences(plan):
            found = plan["choice"].get(name)
            case.fault(Fault.PLAN, f"plan.json $.choice.{name}", "what its inputs lead to", found)
    except PricingError as error:
        case.fault(Fault.PLAN, "plan.json", "facts that lead to a choice", str(error))
    policy, inputs = case.documents.get("policy.json", {}), plan["inputs"]
    claim, bounds = policy.get("claim"), policy.get("bounds", {})
    fixed = {**claim} if isinstance(claim, dict) else {}
    fixed |= {"cap_epsilon": bounds.get("b_epsilon"), "prices": _used_prices(policy.get("prices"), inputs)}
    for name, value in fixed.items():
        if value is not None and value != inputs.get(name):
            case.fault(Fault.PLAN, f"plan.json $.inputs.{name} (policy.json)", value, inputs.get(name))


def _used_prices(prices: Json, inputs: Json) -> Json:
    """A policy may also price what networks need; of a plan with a ledger only its own prices are compared."""
    used = inputs.get("prices")
    if not isinstance(prices, dict) or not isinstance(used, dict):
        return prices
    return {name: prices.get(name) for name in used}


def _check_run(case: Case, plan: Json) -> None:
    spec, certificate = case.candidate_document("specs"), case.documents.get("certificate.json")
    route = "retrain" if climbed(case) else plan["choice"]["route"]
    if spec:
        if _ENGINES.get(spec["engine"], "retrain") != (route if route in _RUNGS else "retrain"):
            case.fault(Fault.PLAN, "engine of the job that made the release", f"one for {route}", spec["engine"])
        steps = plan["inputs"].get("steps_learn") if climbed(case) else plan["choice"].get("steps")
        if steps is not None:
            case.expect(Fault.PLAN, "steps of that job", steps, spec["params"].get("steps"))
        forgotten = [len(rows) for rows in spec["manifests"].get("forget", {}).values()]
        if forgotten or route in _RUNGS:
            case.expect(Fault.PLAN, "rows that job forgot", plan["inputs"]["batch_rows"], sum(forgotten))
    if certificate:
        rung = "retrained" if is_exact(case, route) else _RUNGS.get(route, "retrained")
        if rung == "retrained" and not is_exact(case, route):
            check_retraining(case, plan)
        case.expect(Fault.PLAN, f"rung claimed for {route}", rung, certificate["rung"])


def is_exact(case: Case, route: str) -> bool:
    """Whether the release was made by an exact step of a ladder (on adapters), as plan and log say."""
    plan = case.documents["plan.json"]
    return route == "approximate" and plan["format"] in UNPROVED and planned_exact(case, plan) is not None


def climbed(case: Case) -> bool:
    """Whether somebody sent the plan to the top of the ladder after it stopped; the log says so."""
    return any(entry.body.get("climb") == "retrain" for entry in case.logged("plan:moved"))


def check_policy(case: Case) -> None:
    """The logged policy, fixed before the first attempt; its bounds hold."""
    anchor(case, Fault.POLICY, key="policy", path="policy.json", events=("policy:fixed",))
    policies = {entry.body["policy"] for entry in case.logged("policy:fixed")}
    if len(policies) > 1:
        case.fault(Fault.POLICY, "policy:fixed", "one policy for the whole thread", sorted(policies))
    fixed, started = case.logged("policy:fixed"), case.logged("attempt:started")
    if fixed and started and fixed[0].seq > started[0].seq:
        case.fault(Fault.POLICY, "policy:fixed", "before the first attempt", f"seq {fixed[0].seq}")
    certificate = case.documents.get("certificate.json")
    if certificate and certificate["rung"] == "unlearned_certified":
        _check_bounds(case, case.documents["policy.json"].get("bounds", {}), certificate)


def _check_bounds(case: Case, bounds: Json, certificate: Json) -> None:
    """The bound on B is about every model that held the rows, where the certificate speaks of them (decision 0018)."""
    over_all = "b_all_models" if certificate["format"] == SECOND and "b_all_models" in certificate else "b"
    for name, judged in (("a", "a"), ("b", over_all)):
        most, claimed = bounds.get(f"{name}_epsilon"), certificate[judged]["epsilon"]
        if most is not None and (isinstance(claimed, str) or claimed is None or claimed > most):
            case.fault(Fault.GATE, f"certificate.json $.{judged}.epsilon", f"at most {most}", claimed)


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
        case.fault(Fault.GATE, f"gate of rung {rung}", f"a verdict among {allowed}", verdict["outcome"])
    check_witness(case)
