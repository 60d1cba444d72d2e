"""The questions of a form as they are shown: with what was typed, and with what is wrong beside each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.http import HttpRequest

from governance.console.choices import Options
from governance.console.registering.refusing import Refusal

Shape = Literal["line", "number", "long", "choice", "several", "file"]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question. `more`: one that most people leave as it is. `nothing`: a choice that was not made, in words."""

    name: str
    label: str
    help: str = ""
    shape: Shape = "line"
    options: Options | None = None
    required: bool = False
    longest: int = 200
    lines: int = 3
    accept: str = ""
    default: str = ""
    more: bool = False
    nothing: str = "None"

    def offering(self, options: Options) -> "Ask":
        return replace(self, options=options)


@dataclass(frozen=True)
class Asked:
    """A question with its answer so far and what is wrong with it, in words; empty is nothing."""

    ask: Ask
    value: str
    values: list[str]
    error: str
    first_wrong: bool


def asked(
    asks: Sequence[Ask], request: HttpRequest, refusal: Refusal | None, filled: Mapping[str, str] | None = None
) -> list[Asked]:
    """What was typed stays, but for files: no browser lets a page fill one in. filled: what is suggested instead."""
    errors = refusal.fields if refusal else {}
    wrong = [ask.name for ask in asks if ask.name in errors]
    given = request.POST if request.method == "POST" else request.GET
    return [
        Asked(
            ask,
            value=(filled or {}).get(ask.name, given.get(ask.name, ask.default)),
            values=given.getlist(ask.name),
            error=errors.get(ask.name, ""),
            first_wrong=wrong[:1] == [ask.name],
        )
        for ask in asks
    ]


def typed(request: HttpRequest, asks: Sequence[Ask]) -> dict[str, Any]:
    """What was filled in, by name: lists of what was ticked, files as sent; what was left empty is not there."""
    found: dict[str, Any] = {}
    for ask in asks:
        value = answer_to(ask, request.POST, request.FILES)
        if value:
            found[ask.name] = value
    return found


def answer_to(ask: Ask, given: Any, files: Mapping[str, Any]) -> Any:
    if ask.shape == "file":
        return files.get(ask.name)
    return given.getlist(ask.name) if ask.shape == "several" else given.get(ask.name, "").strip()
