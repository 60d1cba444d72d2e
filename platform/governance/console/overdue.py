"""Deadlines said loudly: old weights that should be gone, and requests whose date comes before their plan can end."""

from governance.console.awaited import Waiting
from governance.intake.models import ErasureRequest
from governance.jobs.models import Plan
from governance.releases.deadlines import allowed_days, behind, days_left, is_endangered, is_overdue

DECIDE = "POST /api/v1/models/{model}/withdraw"


def late_deployments(plan: Plan, waiting: Waiting) -> Waiting:
    """The same answer, and that the policy's deadline has passed."""
    if not is_overdue(plan):
        return waiting
    why = (
        f"OVERDUE: the policy allows {allowed_days(plan)} days for the old weights to go, and the new ones were "
        f"published longer ago. {waiting.why} Load the new weights, or report that it stopped serving."
    )
    late = behind(plan).first()
    return Waiting(waiting.on, why, f"manage.py stop_serving {late.ref} --as OPERATOR" if late else None)


def nearly_due(request: ErasureRequest, waiting: Waiting) -> Waiting:
    """The same answer, and that it is time for the top of the ladder."""
    if not is_endangered(request):
        return waiting
    why = f"{when_due(request)}: {waiting.why} Shortest are now retraining, where a plan stopped, or withdrawal."
    return Waiting(waiting.on, why, waiting.command or ways_out(request))


def when_due(request: ErasureRequest) -> str:
    """`DUE 23 November 2026, in 2 days`, or since when it is overdue."""
    left, day = days_left(request), f"{request.due_on.day} {request.due_on:%B %Y}"
    if left < 0:
        return f"OVERDUE since {day}"
    return f"DUE {day}, {'today' if left == 0 else 'tomorrow' if left == 1 else f'in {left} days'}"


def ways_out(request: ErasureRequest) -> str:
    """What a person may do now, by its route: climb where a plan has stopped, withdraw the model always."""
    rows = request.dispositions.filter(status__in=("open", "planned")).select_related("plan", "checkpoint__model")
    first = rows.order_by("id").first()
    if first is None:
        return ""
    withdraw = DECIDE.format(model=first.checkpoint.model.ref)
    if first.plan is not None and first.plan.status == Plan.Status.STOPPED:
        return f"POST /api/v1/plans/{first.plan.ref}/climb, or {withdraw}"
    return withdraw
