"""A release made by dropping adapters: was it exact, as far as its own documents tell, and is it what it must be?

Recomputed from the job's specification: whose rows each part learned, which parts went, and what others lost. Where
nothing trained here is left, the release must be the base itself, byte for byte; with parts that stay, that they did
not change is the house's word (it compared them with the old file, which is destroyed).
"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import Case
from evidence.checks.bases import base_of
from evidence.checks.unproved import planned_step
from evidence.faults import Fault
from evidence.unproved_families import DROP, DROPS


def planned_drop(case: Case, plan: Json) -> Json | None:
    """The step of the plan that made the release, where that is one of dropping."""
    step = planned_step(case, plan)
    return step if step.get("method") == DROP else None


def check_drop(case: Case, plan: Json) -> None:
    """Specification, plan and certificate say the same, and it follows from what each part learned."""
    step, spec = planned_drop(case, plan), case.candidate_document("specs")
    if step is None or spec is None:
        return
    if not case.expect(Fault.PLAN, "engine of the job that dropped", DROPS, spec["engine"]):
        return
    try:
        found = _dropped(spec)
    except (KeyError, TypeError, AttributeError, ValueError):
        case.fault(Fault.PLAN, f"specs/{spec['job']}.json $.params", "adapters and origins by row", spec["params"])
        return
    planned = {"adapters": step["params"]["adapters"], **{name: step.get(name) for name in ("staying", "lost_rows")}}
    case.expect(Fault.PLAN, "plan.json $.inputs.ladder, what is dropped (specs)", found, planned)
    certificate = case.documents.get("certificate.json", {})
    case.expect(Fault.CERTIFICATE, "certificate.json $.dropped (specs)", found, certificate.get("dropped"))
    published = case.last("release:published")
    if not found["staying"] and published:
        base = base_of(certificate)
        case.expect(
            Fault.CERTIFICATE, "certificate.json $.base (the weights released)", published.body["weights"], base
        )


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
