"""The one function that moves a status: conditional UPDATE, history row and audit entry in one transaction."""

from typing import Any

from django.db import models, transaction

from governance.actors import Actor
from governance.audit.models import StatusChange
from governance.audit.services import append
from governance.errors import IllegalMove, StaleState


@transaction.atomic
def move(
    row: models.Model,
    to: str,
    *,
    actor: Actor,
    event: str,
    thread: str = "",
    reason: str = "",
    body: dict[str, Any] | None = None,
    where: models.Q | None = None,
    **changes: Any,
) -> None:
    """Move `row` (a model with `ref`, `status` and a table ALLOWED) to `to`, or change nothing at all.

    `where` narrows the UPDATE (a fencing token, a lease); `changes` are written in the same UPDATE.
    The entry goes to `thread` (the row's own, unless given).

    Raises:
        IllegalMove: the table of allowed moves has no such step.
        StaleState: somebody else moved the row first, or `where` no longer holds.
    """
    table: Any = type(row)
    old, ref = row.status, row.ref  # type: ignore[attr-defined]
    if to not in table.ALLOWED[old]:
        raise IllegalMove(
            f"{table._meta.verbose_name} {ref} is {old!r}; from there it can become "
            f"{sorted(table.ALLOWED[old]) or 'nothing more'}, not {to!r}.",
            remedy="Reload it and choose a step that is open.",
        )
    rows = table.objects.filter(pk=row.pk, status=old).filter(where or models.Q()).update(status=to, **changes)
    if rows == 0:
        raise StaleState(f"{table._meta.verbose_name} {ref} is no longer {old!r}.", remedy="Reload it and look again.")
    row.refresh_from_db()
    record_change(kind=table.__name__, ref=ref, old=old, new=to, actor=actor, reason=reason)
    append(event, thread=thread or ref, actor=actor, body={"ref": ref, "from": old, "to": to, **(body or {})})


def record_change(*, kind: str, ref: str, old: str, new: str, actor: Actor, reason: str) -> None:
    StatusChange.make(kind=kind, ref=ref, old=old, new=new, actor=actor.user, actor_role=actor.role, reason=reason)
