"""The lists of models, log entries and people."""

import base64
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from governance.audit.models import Entry, Leaf, TreeHead
from governance.console.lists.base import ConsoleList, chip, code
from governance.console.lists.lineage import head
from governance.console.site import site
from governance.console.timeline import facts, words_of
from governance.jobs.models import Disposition
from governance.lineage.models import TrainedModel
from governance.people.models import Role, User


class ModelList(ConsoleList):
    place = "models"
    list_display = ("called", "engine", "dataset_name", "live", "due_now")
    search_fields = ("ref",)
    search_help_text = "Search by reference"
    list_select_related = ("dataset",)
    list_before_template = "console/registering/list_head.html"
    ordering = ("name",)

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        told = "Lines of checkpoints under one name. Everything a model is made with is fixed before its data is read."
        lead = head(request, "register_model", title="Models", told=told, button="Register a model …")
        return {"title": "Models", "head": lead}

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainedModel]:
        live = Count("checkpoints", filter=~Q(checkpoints__status="destroyed"), distinct=True)
        opened = Q(checkpoints__dispositions__status=Disposition.Status.OPEN)
        return (
            super()
            .get_queryset(request)
            .annotate(live_count=live, due_count=Count("checkpoints__dispositions", filter=opened, distinct=True))
        )

    @admin.display(description="Model", ordering="name")
    def called(self, row: TrainedModel) -> str:
        return row.name

    @admin.display(description="Dataset")
    def dataset_name(self, row: TrainedModel) -> str:
        return row.dataset.name if row.dataset else "elsewhere (declared)"

    @admin.display(description="Live checkpoints")
    def live(self, row: Any) -> int:
        return int(row.live_count)

    @admin.display(description="Due")
    def due_now(self, row: Any) -> SafeString | str:
        return chip("wait", f"{row.due_count} to be planned") if row.due_count else "nothing"


class EntryList(ConsoleList):
    place = "log"
    list_display = ("number", "what", "thread_code", "moment")
    list_filter = ("event",)
    search_fields = ("thread",)
    search_help_text = "Search by the reference of a case"
    list_select_related = ("numbered",)
    ordering = ("-id",)
    list_display_links = None
    list_before_template = "console/log_head.html"

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        heads = TreeHead.objects.order_by("-size")[:5]
        shown = [(head, base64.b64encode(bytes(head.root)).decode()) for head in heads]
        waiting = Entry.objects.filter(numbered=None).count()
        return {"title": "Log", "heads": shown, "numbered": Leaf.objects.count(), "unnumbered": waiting}

    @admin.display(description="No.")
    def number(self, row: Entry) -> str:
        leaf = getattr(row, "numbered", None)
        return f"{leaf.index:,}" if leaf else "not yet"

    @admin.display(description="What happened", ordering="event")
    def what(self, row: Entry) -> str:
        return words_of(row.event, facts(row))

    @admin.display(description="Case")
    def thread_code(self, row: Entry) -> SafeString:
        return code(row.thread)

    @admin.display(description="When (UTC)", ordering="at")
    def moment(self, row: Entry) -> str:
        return f"{row.at:%-d %b %Y, %H:%M:%S}"


class PersonList(ConsoleList):
    place = "people"
    list_display = ("called", "does", "active", "seen")
    ordering = ("username",)
    list_display_links = None

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        return {"title": "People"}

    @admin.display(description="Person", ordering="username")
    def called(self, row: User) -> str:
        return row.get_full_name() or row.get_username()

    @admin.display(description="Roles")
    def does(self, row: User) -> str:
        return ", ".join(Role(role).label for role in row.roles if role in Role.values) or "none: sees nothing here"

    @admin.display(description="Account")
    def active(self, row: User) -> SafeString:
        return chip("done", "active") if row.is_active else chip("ended", "closed")

    @admin.display(description="Last signed in", ordering="last_login")
    def seen(self, row: User) -> str:
        return f"{row.last_login:%-d %b %Y}" if row.last_login else "never"


site.register(TrainedModel, ModelList)
site.register(Entry, EntryList)
site.register(User, PersonList)
