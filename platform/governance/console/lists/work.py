"""The lists of plans, releases and jobs."""

from collections.abc import Sequence

from django.contrib import admin
from django.utils.safestring import SafeString

from governance.console.lists.base import ConsoleList, chip, code
from governance.console.site import site
from governance.console.tones import tone_of
from governance.console.waiting import blocker
from governance.console.wording import PURPOSES, ROUTES, ago, name_of
from governance.jobs.models import Job, Plan
from governance.releases.models import Release


class WorkList(ConsoleList):
    list_filter: Sequence[str] = ("status",)
    search_fields = ("ref",)
    search_help_text = "Search by reference"
    ordering = ("-id",)

    @admin.display(description="Reference")
    def reference(self, row: Plan | Job | Release) -> SafeString:
        return code(row.ref)

    @admin.display(description="State", ordering="status")
    def state(self, row: Plan | Job | Release) -> SafeString:
        return chip(tone_of(row.status), row.get_status_display())

    @admin.display(description="Waits on")
    def waits_on(self, row: Plan | Job | Release) -> str:
        found = blocker(row)
        return found.on

    @admin.display(description="Begun", ordering="created_at")
    def begun(self, row: Plan | Job | Release) -> str:
        return ago(row.created_at)


class PlanList(WorkList):
    place = "plans"
    list_display = ("reference", "of_model", "state", "waits_on", "way", "begun")
    list_select_related = ("model", "candidate")

    @admin.display(description="Model", ordering="model__name")
    def of_model(self, row: Plan) -> str:
        return row.model.name

    @admin.display(description="Route")
    def way(self, row: Plan) -> str:
        return ROUTES.get(row.route, row.route)


class ReleaseList(WorkList):
    place = "releases"
    list_display = ("reference", "of_model", "state", "waits_on", "proposed_by", "begun")
    list_select_related = ("checkpoint__model", "proposer")

    @admin.display(description="Model")
    def of_model(self, row: Release) -> str:
        return row.checkpoint.model.name

    @admin.display(description="Proposed by")
    def proposed_by(self, row: Release) -> str:
        return name_of(row.proposer)


class JobList(WorkList):
    place = "jobs"
    list_display = ("reference", "engine", "purpose_words", "state", "progress", "begun")
    list_filter = ("status", "purpose")

    @admin.display(description="For")
    def purpose_words(self, row: Job) -> str:
        return PURPOSES.get(row.purpose, row.purpose)

    @admin.display(description="Steps")
    def progress(self, row: Job) -> str:
        return f"{row.step:,} of {row.steps:,}" if row.steps else ""


site.register(Plan, PlanList)
site.register(Release, ReleaseList)
site.register(Job, JobList)
