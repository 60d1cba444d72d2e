"""One deed on many requests: one item, one transaction, one line that says what became of it."""

from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.actors import Actor
from governance.console.access import acting, user_of
from governance.console.deeds import Deed, questions
from governance.console.doing import kindly
from governance.console.shell import show
from governance.errors import ObelusError

TRAIL = (("Requests", "intake_erasurerequest_changelist"),)


@dataclass(frozen=True)
class Outcome:
    row: Any
    worked: bool
    words: str


def ask_or_do(request: HttpRequest, deed: Deed, rows: list[Any]) -> TemplateResponse:
    """First the question, with the items listed; after the answer, the outcome of each."""
    actor = acting(user_of(request), deed.name)
    if "answered" not in request.POST:
        return show(
            request, "bulk_ask.html", title=deed.label, trail=TRAIL, deed=deed, rows=rows, questions=questions(deed)
        )
    outcomes = [do_one(deed, row, actor, request.POST.dict()) for row in rows]
    worked = sum(outcome.worked for outcome in outcomes)
    return show(request, "bulk_done.html", title=deed.label, trail=TRAIL, deed=deed, outcomes=outcomes, worked=worked)


def do_one(deed: Deed, row: Any, actor: Actor, form: dict[str, Any]) -> Outcome:
    """Whatever happens to one item, the others are tried."""
    try:
        with transaction.atomic():
            deed.act(row, actor, form)
    except ObelusError as refusal:
        return Outcome(row, False, kindly(refusal))
    except DatabaseError:
        return Outcome(row, False, "Nothing was changed. The database refused it; try this one again.")
    return Outcome(row, True, deed.said.capitalize() + ".")
