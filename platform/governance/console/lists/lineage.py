"""The lists of what models learn and start from, each led by how a new one is registered."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from governance.console.access import may, roles_for, user_of, words
from governance.console.lists.base import ConsoleList, code
from governance.console.site import site
from governance.lineage.models import Base, Dataset


@dataclass(frozen=True)
class Head:
    """What stands above a list: what its things are, and the way to a new one for those who may."""

    title: str
    words: str
    button: str
    address: str
    may: bool
    by: str


def head(request: HttpRequest, deed: str, *, title: str, told: str, button: str) -> Head:
    return Head(title, told, button, reverse(f"console:{deed}"), may(user_of(request), deed), words(roles_for(deed)))


class BaseList(ConsoleList):
    place = "bases"
    list_display = ("called", "reference", "architecture", "source", "state", "registered")
    search_fields = ("ref",)
    search_help_text = "Search by reference"
    list_before_template = "console/registering/list_head.html"
    ordering = ("name",)

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        told = (
            "Language models that others taught, for models of this house to start from. Nobody's rows of this house "
            "are in them, and no certificate covers what they knew before."
        )
        lead = head(request, "register_base", title="Public bases", told=told, button="Register a base …")
        return {"title": "Bases", "head": lead}

    @admin.display(description="Base", ordering="name")
    def called(self, row: Base) -> str:
        return row.name

    @admin.display(description="Reference")
    def reference(self, row: Base) -> SafeString:
        return code(row.ref)

    @admin.display(description="State", ordering="status")
    def state(self, row: Base) -> str:
        return row.get_status_display()

    @admin.display(description="Registered", ordering="created_at")
    def registered(self, row: Base) -> str:
        return f"{row.created_at:%-d %b %Y}"


class DatasetList(ConsoleList):
    place = "datasets"
    list_display = ("called", "reference", "one_row", "cap", "versions", "models")
    search_fields = ("ref",)
    search_help_text = "Search by reference"
    list_before_template = "console/registering/list_head.html"
    ordering = ("name",)

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        told = (
            "Homes of records: what models learn from, and what they are tested on. Rows come in as versions; here "
            "stand counts, and never a row."
        )
        lead = head(request, "register_dataset", title="Datasets", told=told, button="Register a dataset …")
        return {"title": "Datasets", "head": lead}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dataset]:
        counts = {"taken": Count("snapshots", distinct=True), "learning": Count("models", distinct=True)}
        return super().get_queryset(request).annotate(**counts)

    @admin.display(description="Dataset", ordering="name")
    def called(self, row: Dataset) -> str:
        return row.name

    @admin.display(description="Reference")
    def reference(self, row: Dataset) -> SafeString:
        return code(row.ref)

    @admin.display(description="A row is", ordering="kind")
    def one_row(self, row: Dataset) -> str:
        return f"{row.get_kind_display()}" + (f" ({row.feature_width})" if row.feature_width else "")

    @admin.display(description="Of one person")
    def cap(self, row: Dataset) -> str:
        return f"at most {row.rows_per_subject}"

    @admin.display(description="Versions")
    def versions(self, row: Any) -> str:
        return str(row.taken) if row.taken else "no rows yet"

    @admin.display(description="Models")
    def models(self, row: Any) -> int:
        return int(row.learning)


site.register(Base, BaseList)
site.register(Dataset, DatasetList)
