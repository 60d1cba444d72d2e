"""One trial of a recipe: the verdict on its planted records in words, its jobs, and what may be read of the attack."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.access import may, user_of
from governance.console.live import job_facts
from governance.console.pages import batteries
from governance.console.pages.found import by_ref
from governance.console.pages.roc_chart import roc_charts
from governance.console.pages.tried import tried_lines
from governance.console.shell import show
from governance.console.timeline import timeline
from governance.console.tones import tone_of
from governance.jobs.models import Plan
from governance.verification import qualification_words as words
from governance.verification import showing
from governance.verification.models import Qualification, QualificationRun
from governance.verification.reading_room import newest_verdict
from governance.verification.recipes import qualification_of, why_not_qualified

TRAIL = (("Qualifications", "verification_qualificationrun_changelist"),)
RUNS = QualificationRun.objects.select_related("policy", "snapshot__dataset", "holdout__dataset", "begun_by")


def page(request: HttpRequest, ref: str) -> TemplateResponse:
    row = by_ref(RUNS, ref)
    found, lines, recipe = words.outcome_of(row), words.open_lines(row), row.body["recipe"]
    canaries = words.canaries_of(found)
    views, jobs = batteries.views(showing.batteries(lines)), [job_facts(job) for job in words.jobs_of(row)]
    return show(
        request,
        "qualification.html",
        title="Qualification of a recipe",
        trail=TRAIL,
        row=row,
        found=found,
        tone=tone_of(found.outcome) if found else "work",
        headline=words.HEADLINES[found.outcome] if found else words.UNDER_WAY,
        family=words.family_words(recipe),
        method=words.method_words(recipe),
        params=[(name, value) for name, value in sorted(recipe["params"].items())],
        level=f"{words.level_of(row):.2%}",
        margin=f"{row.policy.body['verification']['margin']:.0%}",
        planted=len(row.body["unlearned"]),
        reasons=found.body["reasons"] if found else [],
        power=(canaries.get("power") or {}).get("words", ""),
        decides=words.what_would_decide_it(found),
        control=words.control_words(row, found),
        gate=tried_lines({"canaries": canaries}),
        views=[view for view in views if view.chart],
        others=[view for view in views if not view.chart],
        rocs=roc_charts(showing.curves(lines)),
        utility=batteries.counted(showing.utility(lines)),
        jobs=jobs,
        any_live=any(job["live"] for job in jobs),
        moments=timeline([row.ref]),
    )


@dataclass(frozen=True)
class Leaned:
    """What a plan's verdict leans on in place of references: a trial that passed, or why none does."""

    found: Qualification | None
    why_not: str
    may_begin: bool


def leaned_on(request: HttpRequest, plan: Plan) -> Leaned | None:
    """None where the policy trains references for each batch. The trial that the verdict names, else the newest."""
    if plan.policy.body["verification"].get("references_by") != "qualification":
        return None
    verdict = newest_verdict(plan)
    named: Any = verdict.body.get("qualification") if verdict else None
    trials = Qualification.objects.select_related("run")
    found = trials.filter(digest=named).first() if named else qualification_of(plan.model, plan.policy)
    return Leaned(found, why_not_qualified(found), may(user_of(request), "qualify"))
