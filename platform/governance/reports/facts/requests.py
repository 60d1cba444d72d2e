"""The requests of a plan and the law's clock of each; by reference, never by person."""

from typing import Any

from governance.audit.models import StatusChange
from governance.intake.clock import day_in_zone
from governance.intake.models import ErasureRequest
from governance.jobs.models import Plan
from governance.reports.facts.wording import day, moment

STEPS = ("received", "identified", "scoped", "in_progress", "fulfilled")


def requests_of(plan: Plan) -> list[ErasureRequest]:
    found = ErasureRequest.objects.filter(dispositions__plan=plan).select_related("pack")
    return list(found.distinct().order_by("id"))


def clocks(plan: Plan) -> list[dict[str, Any]]:
    """One line a request, in the order of receipt."""
    return [clock(request) for request in requests_of(plan)]


def clock(request: ErasureRequest) -> dict[str, Any]:
    changes = StatusChange.objects.filter(kind="ErasureRequest", ref=request.ref).order_by("id")
    times = {change.new: change.at for change in changes}
    times["received"] = request.received_at
    spare = None
    if request.closed_at:
        spare = (request.due_on - day_in_zone(request.closed_at, request.pack.zone)).days
    return {
        "ref": request.ref,
        "law": f"{request.pack.law.upper()} v{request.pack.version}",
        "source": request.pack.source,
        "due_on": day(request.due_on),
        "spare_days": spare,
        "status": request.get_status_display(),
        "steps": {name: moment(times.get(name)) for name in STEPS},
    }
