"""A form inside the console's frame, for the first time or again with what is wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.registering.asking import Ask, asked
from governance.console.registering.refusing import Refusal
from governance.console.shell import show


def show_form(
    request: HttpRequest,
    template: str,
    *,
    asks: Sequence[Ask],
    refusal: Refusal | None,
    filled: Mapping[str, str] | None = None,
    **context: Any,
) -> TemplateResponse:
    """The status of an answer is the refusal's, so that a program reads the same as from the API."""
    questions = asked(asks, request, refusal, filled)
    answer = show(
        request,
        f"registering/{template}",
        asked=[each for each in questions if not each.ask.more],
        more=[each for each in questions if each.ask.more],
        more_open=any(each.error or each.value != each.ask.default for each in questions if each.ask.more),
        wrong=[each for each in questions if each.error],
        files_again=bool(request.FILES),
        refusal=refusal,
        filled=filled,
        **context,
    )
    answer.status_code = refusal.status if refusal else 200
    return answer
