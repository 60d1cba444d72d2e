"""All facts of one report, section by section."""

from datetime import datetime
from typing import Any

from evidence.canonical import parse_canonical
from governance.jobs.models import Plan
from governance.reports.bundle import erasure_members
from governance.reports.facts import claim, ending, honesty, requests, scope, tested, work
from governance.reports.facts.wording import moment

Facts = dict[str, Any]


def report_facts(*, plan: Plan, at: datetime) -> Facts:
    """Every section of the report of a closed plan. Raises: as `bundle`."""
    members = erasure_members(plan)
    documents = {path: parse_canonical(data) for path, data in members.items() if path.endswith(".json")}
    facts = {
        "written_at": moment(at),
        "plan": plan.ref,
        "model": {"name": plan.model.name, "ref": plan.model.ref, "engine": plan.model.engine},
        "requests": requests.clocks(plan),
        "scope": scope.scope(plan),
        "choice": work.choice(documents),
        "run": work.run(plan, documents),
        "policy": claim.policy(plan, documents),
        "certificate": claim.certificate(plan, documents),
        "battery": work.battery(plan, documents),
        "verdict": claim.verdict(documents),
        "tried": tested.tried(documents["verdict.json"]),
        "charts": tested.charts(work.open_lines(plan, documents)),
        "curves": tested.curves(work.open_lines(plan, documents)),
        "sentinels": tested.sentinels(plan),
        "approvals": ending.approvals(plan, documents),
        "release": ending.release(plan, documents, members["release/model.sig"]),
        "destruction": ending.destruction(plan, documents),
        "log": ending.log(documents, members["log/tree-head.note"]),
    }
    return {**facts, "not_done": honesty.not_done(plan, facts)}
