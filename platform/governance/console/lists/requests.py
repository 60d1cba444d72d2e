"""The queue: requests by due date, with filters, search by reference, and bulk deeds with a result per item."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.console import bulk, due
from governance.console.access import may
from governance.console.deeds import BY_NAME
from governance.console.lists.base import ConsoleList, chip, code
from governance.console.site import site
from governance.console.tones import tone_of
from governance.console.waiting import blocker
from governance.console.wording import regime_words
from governance.intake.models import ErasureRequest, RegimePack


class ByDue(admin.SimpleListFilter):
    title = "Due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("soon", f"Within {due.SOON_DAYS} days"), ("later", "Later")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ErasureRequest]) -> QuerySet[ErasureRequest]:
        wanted = {"overdue": due.overdue, "soon": due.soon, "later": due.later}.get(self.value() or "")
        return queryset.filter(wanted()) if wanted else queryset


class ByOpen(admin.SimpleListFilter):
    title = "Show"
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open only"), ("ended", "Ended only")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ErasureRequest]) -> QuerySet[ErasureRequest]:
        if self.value() == "open":
            return queryset.exclude(status__in=due.ENDED)
        return queryset.filter(status__in=due.ENDED) if self.value() == "ended" else queryset


class ByRegime(admin.SimpleListFilter):
    title = "Regime"
    parameter_name = "regime"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        packs = RegimePack.objects.filter(pk__in=ErasureRequest.objects.values("pack")).order_by("law", "version")
        return [(str(pack.pk), regime_words(pack.law, pack.version)) for pack in packs]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ErasureRequest]) -> QuerySet[ErasureRequest]:
        return queryset.filter(pack=int(self.value() or 0)) if (self.value() or "").isdigit() else queryset


class RequestList(ConsoleList):
    place = "requests"
    list_display = ("reference", "due", "state", "waits_on", "regime")
    list_filter = (ByOpen, ByDue, "status", ByRegime)
    list_select_related = ("pack",)
    search_fields = ("ref",)
    search_help_text = "Search by reference"
    ordering = (Case(When(status__in=due.ENDED, then=1), default=0), "due_on", "id")  # what has ended comes last
    actions = ("prove_identity", "confirm_scope", "refuse")

    @admin.display(description="Reference")
    def reference(self, row: ErasureRequest) -> SafeString:
        return code(row.ref)

    @admin.display(description="Due", ordering="due_on")
    def due(self, row: ErasureRequest) -> SafeString:
        found = due.due_of(row)
        day = f"{row.due_on:%-d %b %Y}"
        return format_html('<span class="ob-nowrap">{}</span> {}', day, chip(found.tone, found.words))

    @admin.display(description="State", ordering="status")
    def state(self, row: ErasureRequest) -> SafeString:
        return chip(tone_of(row.status), row.get_status_display())

    @admin.display(description="Waits on")
    def waits_on(self, row: ErasureRequest) -> str:
        found = blocker(row)
        return found.on

    @admin.display(description="Regime")
    def regime(self, row: ErasureRequest) -> SafeString:
        return format_html('<span class="ob-nowrap">{}</span>', regime_words(row.pack.law, row.pack.version))

    @admin.action(description="Prove identity …", permissions=["deed"])
    def prove_identity(self, request: HttpRequest, rows: QuerySet[ErasureRequest]) -> HttpResponse:
        return bulk.ask_or_do(request, BY_NAME["prove_identity"], list(rows))

    @admin.action(description="Confirm scope …", permissions=["deed"])
    def confirm_scope(self, request: HttpRequest, rows: QuerySet[ErasureRequest]) -> HttpResponse:
        return bulk.ask_or_do(request, BY_NAME["confirm_scope"], list(rows))

    @admin.action(description="Refuse …", permissions=["deed"])
    def refuse(self, request: HttpRequest, rows: QuerySet[ErasureRequest]) -> HttpResponse:
        return bulk.ask_or_do(request, BY_NAME["refuse"], list(rows))

    def has_deed_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "prove_identity")


site.register(ErasureRequest, RequestList)
