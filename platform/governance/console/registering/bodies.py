"""How much a form may send, and where it lies meanwhile: settled before a body is read.

Only those who may do a page's deed may send a file there. Rows are personal data and stay in memory, as the API keeps
them: a temporary file would outlive a process that is killed, and no erasure would look for it.
"""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse

from governance.api.base import FILE_BYTES, USUAL_BYTES
from governance.api.problems import TooLargeError
from governance.console.access import may

View = Callable[..., HttpResponse]
MEGABYTE = 2**20
MEGABYTES = FILE_BYTES // MEGABYTE
# Of rows the API takes no more at once either.
TOO_MANY_ROWS = "Nothing was kept. Leave out columns that are not asked for, or register the data as several datasets."


class InMemory(MemoryFileUploadHandler):
    """Whatever its size; how large it may be was asked before."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


def takes_a_file(deed: str, view: View, remedy: Callable[[HttpRequest], str]) -> View:
    """The view, of which those who may do the deed may send a file. remedy: what to do with a larger one."""
    view.takes_a_file = deed, remedy  # type: ignore[attr-defined]
    return view


def takes_rows(deed: str, view: View) -> View:
    """The same for a file of rows, no part of which is written to a disk on its way in."""
    view.takes_rows = True  # type: ignore[attr-defined]
    return takes_a_file(deed, view, lambda _: TOO_MANY_ROWS)


def before_the_body(request: HttpRequest, view: View) -> None:
    """Raises: TooLargeError."""
    deed, remedy = getattr(view, "takes_a_file", ("", lambda _: ""))
    may_send = bool(deed) and may(request.user, deed)
    most = FILE_BYTES if may_send else USUAL_BYTES
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        what_to_do = remedy(request) if may_send else "Send less at once."
        raise TooLargeError(f"This page takes {most // MEGABYTE} MB at most.", remedy=what_to_do)
    if hasattr(view, "takes_rows"):
        request.upload_handlers = [InMemory(request)]
