"""Filters the console's templates use."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.contrib.admin.views.main import PAGE_VAR

from governance.console import wording
from governance.console.addresses import page_of
from governance.console.tones import tone_of

# What must be destroyed, in words.
REMAINS = {
    "weights": "old weights",
    "dataset_object": "the stored rows",
    "salts": "the salts of the rows",
    "job_folder": "a job folder",
    "candidate": "a losing candidate",
    "reference": "a retrained reference",
    "measurements": "per-record results",
}
register = template.Library()
register.filter("short", wording.short)
register.filter("ago", wording.ago)
register.filter("person", wording.name_of)
register.filter("tone", tone_of)
register.filter("address", page_of)

register.filter("regime", lambda pack: wording.regime_words(pack.law, pack.version))
register.filter("remains", lambda kind: REMAINS.get(kind, kind))


@register.filter
def page_address(changelist: Any, number: int) -> str:
    return str(changelist.get_query_string({PAGE_VAR: number}))


@register.filter
def filter_choices(spec: Any, changelist: Any) -> list[dict[str, Any]]:
    """The choices of an admin filter, each with its words, its address and whether it is chosen."""
    return list(spec.choices(changelist))


@register.filter
def chosen(choices: Iterable[dict[str, Any]]) -> str:
    return next((str(choice["display"]) for choice in choices if choice.get("selected")), "")
