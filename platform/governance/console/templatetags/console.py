"""Filters the console's templates use."""

from collections.abc import Iterable
from typing import Any

from django import template

from governance.console import wording
from governance.console.addresses import page_of
from governance.console.tones import tone_of

register = template.Library()
register.filter("short", wording.short)
register.filter("ago", wording.ago)
register.filter("person", wording.name_of)
register.filter("tone", tone_of)
register.filter("address", page_of)


@register.filter
def filter_choices(spec: Any, changelist: Any) -> list[dict[str, Any]]:
    """The choices of an admin filter, each with its words, its address and whether it is chosen."""
    return list(spec.choices(changelist))


@register.filter
def chosen(choices: Iterable[dict[str, Any]]) -> str:
    return next((str(choice["display"]) for choice in choices if choice.get("selected")), "")
