"""The open entries of one thread, in their order."""

from typing import Any

from evidence.canonical import parse_canonical
from governance.audit.models import Entry


def timeline_of(thread: str) -> list[dict[str, Any]]:
    """What the log says of one case: public facts only, as they were hashed."""
    leaves = Entry.objects.filter(thread=thread).order_by("seq").values_list("leaf", flat=True)
    return [parse_canonical(bytes(leaf)) for leaf in leaves]
