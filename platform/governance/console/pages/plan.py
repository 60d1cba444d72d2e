"""One plan: the choice beside the other way, the jobs, the certificate, the verdict and who must say yes."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.access import may, may_read, user_of
from governance.console.deeds import open_to
from governance.console.live import job_facts
from governance.console.pages.comparing import reason_of, routes_of
from governance.console.pages.found import by_ref
from governance.console.pages.ladder import ladder_of
from governance.console.pages.numbers import certificate_words
from governance.console.pages.runs import where_of
from governance.console.pages.sentinels import alarms_on
from governance.console.pages.verdicts import said
from governance.console.shell import show
from governance.console.timeline import timeline
from governance.console.tones import tone_of
from governance.console.waiting import blocker
from governance.jobs.models import Plan
from governance.jobs.plans import is_drawn
from governance.jobs.running import next_step
from governance.people.models import User
from governance.releases.gate import is_approximate
from governance.releases.models import Release
from governance.releases.weights import kept_of
from governance.verification.models import Verdict

TRAIL = (("Plans", "jobs_plan_changelist"),)


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    row = by_ref(Plan.objects.select_related("model", "policy", "proposer", "candidate"), ref)
    user = user_of(request)
    release = Release.objects.filter(plan=row).first()
    jobs = [job_facts(job) for job in row.jobs.order_by("id")]
    certificate = row.certificates.order_by("-id").first()
    return show(
        request,
        "plan.html",
        title=f"Plan for {row.model.name}",
        trail=TRAIL,
        row=row,
        tone=tone_of(row.status),
        waiting=blocker(row),
        alarms=alarms_on(row.candidate),
        routes=routes_of(row.body),
        reason=reason_of(row.body),
        ladder=ladder_of(row),
        where=where_of(row),
        may_read=may(user, "read_measurements"),
        jobs=jobs,
        any_live=any(job["live"] for job in jobs),
        certificate=certificate_words(certificate) if certificate else None,
        verdicts=[(verdict, said(verdict)) for verdict in newest_first(row)],
        release=release,
        requests=requests_of(row, user),
        request_count=row.dispositions.count(),
        destruction=row.destruction.order_by("position"),
        kept=kept_of(row),
        moments=timeline([row.ref]),
        deeds=[offer for offer in open_to(user, "plan", row.status) if fits(offer[0].name, row, release, user)],
    )


def fits(deed: str, row: Plan, release: Release | None, user: User) -> bool:
    """Whether the service would do it: a button that can only be refused is not offered."""
    if deed == "propose_release":
        return release is None
    if deed == "discard_plan":
        return not is_drawn(row)
    if deed == "climb_ladder":
        return next_step(row) is not None
    if deed == "clear_alarm":
        verdict = row.verdicts.order_by("-id").first()
        if verdict is None or is_approximate(verdict.checkpoint):
            return False
        return verdict.outcome == Verdict.Outcome.RESIDUAL and row.proposer_id != user.pk
    return True


def requests_of(row: Plan, user: User) -> list[Any]:
    """The requests it serves, for those who may read requests; others see how many."""
    if not may_read(user, "requests"):
        return []
    return [d.request for d in row.dispositions.select_related("request").order_by("request__due_on")]


def newest_first(row: Plan) -> QuerySet[Verdict]:
    return row.verdicts.select_related("plan", "checkpoint", "policy").order_by("-id")
