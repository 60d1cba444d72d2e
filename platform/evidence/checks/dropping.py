"""A release by an exact step on adapters: was it exact, as far as its own documents tell, and is it what it must be?

Recomputed from the job's specification: whose rows each part learned, which parts went, and what others lost; of those
that were trained anew, which rows they learned (retrained_adapters.py). Where nothing trained here is left, the release
must be the base itself, byte for byte. That parts which stay did not change is checks.parts, where the old weights were
recorded part by part; else it is the house's word, which compared them with the old file before it was destroyed.
"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import Case
from evidence.checks.bases import base_of
from evidence.checks.retrained_adapters import check_training, retrained
from evidence.checks.unproved import planned_step
from evidence.faults import Fault
from evidence.unproved_families import DROP, EXACT

# What a step says, and under which name the certificate repeats it.
_SAID = {DROP: ("dropped", ("staying", "lost_rows"))}
_OTHERS = ("retrained_adapters", ("emptied", "staying", "left_rows"))


def planned_exact(case: Case, plan: Json) -> Json | None:
    """The step of the plan that made the release, where that is an exact one."""
    step = planned_step(case, plan)
    return step if step.get("method") in EXACT else None


def check_exact(case: Case, plan: Json) -> None:
    """Specification, plan and certificate say the same, and it follows from what each part learned."""
    step, spec = planned_exact(case, plan), case.candidate_document("specs")
    if step is None or spec is None:
        return
    method = step["method"]
    if not case.expect(Fault.PLAN, "engine of the job that left adapters as they were", EXACT[method], spec["engine"]):
        return
    try:
        found = _dropped(spec) if method == DROP else retrained(spec)
    except (KeyError, TypeError, AttributeError, ValueError):
        case.fault(Fault.PLAN, f"specs/{spec['job']}.json $.params", "adapters and origins by row", spec["params"])
        return
    name, fields = _SAID.get(method, _OTHERS)
    going = sorted([*found["adapters"], *found.get("emptied", [])])
    planned = {"adapters": sorted(step["params"]["adapters"]), **{field: step.get(field) for field in fields}}
    where = f"plan.json $.inputs.ladder, what is {name} (specs)"
    case.expect(Fault.PLAN, where, {**found, "adapters": going}, planned)
    certificate = case.documents.get("certificate.json", {})
    case.expect(Fault.CERTIFICATE, f"certificate.json $.{name} (specs)", found, certificate.get(name))
    if method != DROP:
        check_training(case, spec)
    if not found["staying"] and not (method != DROP and found["adapters"]):
        _check_bare(case, certificate)


def _check_bare(case: Case, certificate: Json) -> None:
    """Nothing trained here is left: then it is the base."""
    published = case.last("release:published")
    if published:
        released, base = published.body["weights"], base_of(certificate)
        case.expect(Fault.CERTIFICATE, "certificate.json $.base (the weights released)", released, base)


def _dropped(spec: Json) -> Json:
    """What a specification of dropping leads to; where the rows are elsewhere too, nothing that a plan could say."""
    adapters, told = sorted(spec["params"]["adapters"]), spec["params"]["origins"]
    parts = {name: set(rows) for name, rows in told["adapters"].items()}
    [rows] = spec["manifests"]["forget"].values()
    forget = set(rows)
    staying = sorted(set(parts) - set(adapters))
    kept: set[int] = set(told["base"]).union(*(parts[name] for name in staying))
    gone: set[int] = set().union(*(parts[name] for name in adapters))
    if not forget or forget & kept or forget - gone:
        return {"adapters": adapters, "staying": staying, "lost_rows": "not exact: the rows are elsewhere too"}
    return {"adapters": adapters, "staying": staying, "lost_rows": len(gone - forget - kept)}
