"""Finding a thing by its reference, and by nothing else: no search here may tell whether a person is known."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.dataclasses import SearchResult

from governance.console.access import may_read, user_of
from governance.console.addresses import page_of
from governance.console.deeds import KINDS
from governance.console.wording import short
from governance.lineage.models import Base, Dataset
from governance.verification.models import QualificationRun

PLACES = {
    "request": "requests",
    "plan": "plans",
    "release": "releases",
    "job": "jobs",
    "model": "models",
    "sentinel_set": "sentinels",
    "qualification": "qualifications",
    "base": "bases",
    "dataset": "datasets",
}
ALL: dict[str, type[Any]] = {**KINDS, "qualification": QualificationRun, "base": Base, "dataset": Dataset}
FEWEST = 4  # characters; a shorter term would list everything


def search(request: HttpRequest) -> TemplateResponse:
    """The answer to the theme's search box: things whose reference begins like this."""
    book = Paginator(matches(request.GET.get("s", "").strip(), request), 100)
    context: dict[str, Any] = {"results": book.page(1), "page_obj": book, "page_counter": 0}
    return TemplateResponse(request, "unfold/helpers/command_results.html", context, headers={"HX-Trigger": "search"})


def matches(term: str, request: HttpRequest) -> list[SearchResult]:
    if len(term) < FEWEST:
        return []
    user = user_of(request)
    found: list[SearchResult] = []
    for kind, model in ALL.items():
        if may_read(user, PLACES[kind]):
            rows = model.objects.filter(ref__startswith=term)[:10]
            found += [
                SearchResult(title=short(r.ref), description=kind.replace("_", " "), link=page_of(r), icon="tag")
                for r in rows
            ]
    return found
