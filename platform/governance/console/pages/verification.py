"""One plan's verification: the verdict in words, what may be read of the attack, sentinels; and the reading room."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse

from governance.audit.models import Event
from governance.console.access import acting, may, user_of
from governance.console.doing import kindly
from governance.console.pages import batteries, verdicts
from governance.console.pages.found import by_ref
from governance.console.pages.qualification import leaned_on
from governance.console.pages.roc_chart import roc_charts
from governance.console.pages.runs import run_views
from governance.console.pages.sentinels import over_releases
from governance.console.pages.tried import tried_lines
from governance.console.pages.verdicts import HEADLINES, TONES
from governance.console.shell import show
from governance.console.timeline import timeline
from governance.console.wording import duration
from governance.errors import Destroyed, ObelusError
from governance.jobs.models import Plan
from governance.verification import reading_room, showing
from governance.verification.reason_words import all_reasons, priced
from governance.verification.selectors import what_would_decide
from governance.verification.sentinel_wishes import too_few
from governance.verification.showing import useful_to

TRAIL = (("Plans", "jobs_plan_changelist"),)
PLANS = Plan.objects.select_related("model__dataset", "policy", "candidate")
# What of the plan's trail belongs on this page.
TOLD = {Event.POLICY_FIXED, Event.VERDICT_REACHED, Event.SENTINELS_ALARM, Event.JOB_RECORDED, Event.ATTEMPT_STARTED}


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    row = by_ref(PLANS, ref)
    verdict = reading_room.newest_verdict(row)
    lines = reading_room.open_lines(row)
    rules, views = row.policy.body["verification"], batteries.views(showing.batteries(lines))
    return show(
        request,
        "verification.html",
        title=f"Verification of {row.model.name}",
        trail=TRAIL,
        row=row,
        verdict=verdict,
        tone=TONES.get(verdict.outcome, "late") if verdict else "",
        headline=HEADLINES[verdicts.Outcome(verdict.outcome)] if verdict else "",
        reasons=verdicts.reasons(verdict) if verdict else [],
        power=verdicts.power(verdict) if verdict else "",
        asides=verdicts.asides(verdict) if verdict else [],
        decides=[priced(words) for words in verdict.body.get("decides", [])] if verdict else [],
        meanwhile=meanwhile(row),
        views=[view for view in views if view.compared],
        others=[view for view in views if not view.compared],
        rocs=roc_charts(showing.curves(lines)),
        utility=batteries.counted(showing.utility(lines)),
        of_whom=useful_to(row.model.engine),
        gate=tried_lines(verdict.body if verdict else {}),
        leaned=leaned_on(request, row),
        margin=f"{rules['margin']:.0%}",
        level=f"{rules['level']:.0%}",
        over=over_releases(row.model),
        lacking=too_few(row),
        moments=[each for each in timeline([row.ref]) if each.event in TOLD],
        may_read=may(user_of(request), "read_measurements"),
    )


def meanwhile(row: Plan) -> str:
    """What holds until an inconclusive verdict is decided, and what it costs if it turns out badly."""
    found = what_would_decide(row)
    if found is None:
        return ""
    if found["gate"] == "open":
        return "Meanwhile the gate is open: the certificate, or the retraining, carries the release."
    cost = found["if_not_passed_s"]
    price = f", which makes {duration(cost)} in all" if cost is not None else ""
    return f"Until then the gate is shut. If it never passes, retraining comes on top{price}."


def room(request: HttpRequest, ref: str) -> TemplateResponse:
    """The door: nothing is shown before the look is asked for."""
    return furnish(request, by_ref(PLANS, ref))


def look(request: HttpRequest, ref: str) -> HttpResponse:
    """Show one plan's measurements in the answer to this POST, and nowhere else; the look is in the log."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    actor = acting(user_of(request), "read_measurements")
    row = by_ref(PLANS, ref)
    try:
        seen = reading_room.look(plan=row, actor=actor)
    except ObelusError as refusal:
        return furnish(request, row, refused=kindly(refusal), status=refusal.status)
    response = furnish(request, row, seen=seen)
    response["Cache-Control"] = "no-store"
    return response


def furnish(
    http: HttpRequest, row: Plan, *, seen: reading_room.Seen | None = None, refused: str = "", status: int = 200
) -> TemplateResponse:
    # The verdict that was looked at: the next one may have come since, and its reasons are of other lines.
    lines, verdict = (seen.lines, seen.verdict) if seen else ([], reading_room.newest_verdict(row))
    response = show(
        http,
        "reading_room.html",
        title="Reading room",
        trail=TRAIL,
        row=row,
        seen=seen,
        there=reading_room.is_open(row),
        gone=row.status in reading_room.OVER or status == Destroyed.status,
        refused=refused,
        verdict=verdict,
        tone=TONES.get(verdict.outcome, "late") if verdict else "",
        reasons=all_reasons(verdict, lines) if verdict and seen else [],
        runs=run_views(seen.runs) if seen else [],
        views=batteries.views(showing.batteries(lines)),
        rocs=roc_charts(showing.curves(lines)),
        utility=batteries.counted(showing.utility(lines)),
        of_whom=useful_to(row.model.engine),
        moments=timeline([reading_room.reading_thread(row)]),
    )
    response.status_code = status
    return response
