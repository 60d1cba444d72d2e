"""Requests in every state, each walked there by intake's own services."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from governance.actors import SYSTEM, Actor
from governance.audit.models import Event
from governance.intake import services as intake
from governance.intake.models import ErasureRequest
from governance.transitions import move
from tests.console.clock import REAL_NOW, days_ago

CLIENT = Actor(role="machine_client")
# name, whose data (a model's name and a number), days since it came in, and how far it was walked
Plot = tuple[str, str, float, tuple[str, ...]]
PLOT: tuple[Plot, ...] = (
    ("overdue", "tumour-classifier-0002", 34, ()),
    ("overdue_identified", "tumour-classifier-0003", 33, ("identified",)),
    ("soon", "tumour-classifier-0004", 27, ("identified",)),
    ("soon_new", "digit-reader-0004", 25, ()),
    ("fresh", "tumour-classifier-0005", 3, ()),
    ("fresh_too", "nobody-we-know", 1, ()),
    ("scoped", "tumour-classifier-0006", 8, ("identified", "scoped")),
    ("refused", "somebody-else", 20, ("refused",)),
    ("withdrawn", "digit-reader-0005", 15, ("identified", "withdrawn")),
    ("fulfilled", "tumour-classifier-0000", 48, ("identified", "fulfilled")),
    *((f"patient_{n}", f"tumour-classifier-{n + 8:04d}", 18, ("identified", "scoped")) for n in range(4)),
    *((f"writer_{n}", f"digit-reader-{n:04d}", 22, ("identified", "scoped")) for n in range(2)),
)


def build(world: Any) -> None:
    for place, (name, identifier, age, states) in enumerate(PLOT):
        row = world.requests[name] = received(identifier, age, place)
        for step, status in enumerate(states, start=1):
            with days_ago(max(0.02, age - 0.7 * step - 0.01 * place)):
                STEPS[status](world, row)
        row.refresh_from_db()


def received(identifier: str, age: float, place: int) -> ErasureRequest:
    at = REAL_NOW() - timedelta(days=age - 0.003 * place)
    with days_ago(age - 0.003 * place):
        return intake.receive(subject_identifier=identifier, law="gdpr", actor=CLIENT, received_at=at)


def identified(world: Any, row: ErasureRequest) -> None:
    intake.prove_identity(request=row, method="signed_in", actor=world.as_officer())


def scoped(world: Any, row: ErasureRequest) -> None:
    intake.confirm_scope(request=row, actor=world.as_officer())


def refused(world: Any, row: ErasureRequest) -> None:
    why = "The same request came nine times in a week."
    intake.refuse(request=row, ground="excessive", reason=why, actor=world.as_officer())


def withdrawn(world: Any, row: ErasureRequest) -> None:
    intake.withdraw(request=row, actor=world.as_officer())


def fulfilled(world: Any, row: ErasureRequest) -> None:
    """The end of a case whose work lies behind it."""
    move(row, "scoped", actor=world.as_officer(), event=Event.REQUEST_MOVED)
    move(row, "in_progress", actor=SYSTEM, event=Event.REQUEST_MOVED)
    move(row, "fulfilled", actor=SYSTEM, event=Event.REQUEST_FULFILLED, closed_at=timezone.now())


STEPS = {
    "identified": identified,
    "scoped": scoped,
    "refused": refused,
    "withdrawn": withdrawn,
    "fulfilled": fulfilled,
}
