"""The lists of what models learn and start from, each led by how a new one is registered."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from governance.console.access import may, roles_for, user_of, words
from governance.console.lists.base import ConsoleList, code
from governance.console.site import site
from governance.lineage.models import Base


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
    list_display = ("called", "reference", "architecture", "source", "registered")
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

    @admin.display(description="Registered", ordering="created_at")
    def registered(self, row: Base) -> str:
        return f"{row.created_at:%-d %b %Y}"


site.register(Base, BaseList)
