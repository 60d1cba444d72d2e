"""A form that comes twice: by a second click where no script holds it back, or out of the browser's history."""

from django.http import HttpRequest

from governance.errors import Conflict


def refuse_repeat(request: HttpRequest, *, there: int, one_more: str) -> None:
    """A form says how many there were when it was shown; the same form again meets one more.

    there: how many there are now. A request that says nothing of it is a program's, which asks for what it wants.

    Raises: Conflict: sent_twice.
    """
    shown = request.POST.get("there", "")
    if shown and shown != str(there):
        raise Conflict(
            f"Since this form was shown {one_more} was added, perhaps by this very form.",
            code="sent_twice",
            remedy="Look at the newest one first. If you want one more all the same, send the form again.",
        )
