"""How much a form may send: asked before a body is read, and only of those who may send a file more than usual."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from governance.api.base import FILE_BYTES, USUAL_BYTES
from governance.api.problems import TooLargeError
from governance.console.access import may

View = Callable[..., HttpResponse]
MEGABYTE = 2**20
MEGABYTES = FILE_BYTES // MEGABYTE


def takes_a_file(deed: str, view: View, remedy: Callable[[HttpRequest], str]) -> View:
    """The view, of which those who may do the deed may send a file. remedy: what to do with a larger one."""
    view.takes_a_file = deed, remedy  # type: ignore[attr-defined]
    return view


def by_the_api(_request: HttpRequest) -> str:
    """Of rows the API takes no more at once either."""
    return (
        "Nothing was read or kept. Leave out columns that are not asked for, or register the data as several datasets."
    )


def refuse_too_much(request: HttpRequest, view: View) -> None:
    """Raises: TooLargeError."""
    deed, remedy = getattr(view, "takes_a_file", ("", lambda _: ""))
    may_send = bool(deed) and may(request.user, deed)
    most = FILE_BYTES if may_send else USUAL_BYTES
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        what_to_do = remedy(request) if may_send else "Send less at once."
        raise TooLargeError(f"This page takes {most // MEGABYTE} MB at most.", remedy=what_to_do)
