"""The list of qualifications: which recipe was tried under which policy, and what came of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from governance.console.access import may, user_of
from governance.console.lists.base import ConsoleList, chip, code
from governance.console.live import job_facts
from governance.console.site import site
from governance.console.tones import tone_of
from governance.console.wording import ago
from governance.verification.models import QualificationRun
from governance.verification.qualification_words import family_words, jobs_of, outcome_of


class QualificationList(ConsoleList):
    place = "qualifications"
    list_display = ("reference", "engine", "family", "method", "of_policy", "outcome", "progress", "begun")
    list_filter = ("engine",)
    search_fields = ("ref",)
    search_help_text = "Search by reference"
    list_select_related = ("policy", "qualification")
    list_before_template = "console/qualify_head.html"
    ordering = ("-id",)

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        return {"title": "Qualifications", "may_begin": may(user_of(request), "qualify")}

    @admin.display(description="Reference")
    def reference(self, row: QualificationRun) -> SafeString:
        return code(row.ref)

    @admin.display(description="Family")
    def family(self, row: QualificationRun) -> str:
        return family_words(row.body["recipe"])

    @admin.display(description="Method")
    def method(self, row: QualificationRun) -> str:
        return str(row.body["recipe"]["method"])

    @admin.display(description="Policy", ordering="policy__name")
    def of_policy(self, row: QualificationRun) -> str:
        return f"{row.policy.name}, version {row.policy.version}"

    @admin.display(description="Outcome", ordering="qualification__outcome")
    def outcome(self, row: QualificationRun) -> SafeString:
        found = outcome_of(row)
        return chip(tone_of(found.outcome), found.get_outcome_display()) if found else chip("work", "Under way")

    @admin.display(description="Jobs")
    def progress(self, row: QualificationRun) -> str:
        """What runs now, or how many there were."""
        jobs = [job_facts(job) for job in jobs_of(row)]
        live = [f"{job['engine']} {job['percent']} %" for job in jobs if job["live"]]
        return ", ".join(live) or f"{len(jobs)} ended"

    @admin.display(description="Begun", ordering="created_at")
    def begun(self, row: QualificationRun) -> str:
        return ago(row.created_at)


site.register(QualificationRun, QualificationList)
