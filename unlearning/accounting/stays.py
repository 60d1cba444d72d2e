"""Whose privacy is priced: the rows of one person or family, from when to when they were in the model."""

from collections.abc import Sequence
from dataclasses import dataclass

from unlearning.accounting.descent import require_group
from unlearning.accounting.events import Deleted, Event, Inserted
from unlearning.accounting.strict_json import malformed


@dataclass(frozen=True, kw_only=True)
class Stay:
    """`rows` rows that came with the insertion `joined` (None: the first training) and left with the deletion `left`
    (None: they are still there).

    One person is one stay. A family that leaves over several batches is several stays, and so is a person who was
    deleted and came again. All stays of one price are judged together, by an attacker who looks for all of them;
    A then counts the releases from the first leaving on, also those during a later stay.
    Raises: TARGET_OUT_OF_RANGE.
    """

    rows: int = 1
    joined: str | None = None
    left: str | None = None

    def __post_init__(self) -> None:
        require_group(self.rows)


def require_batches(stays: Sequence[Stay], events: Sequence[Event]) -> None:
    """Refuse a stay whose batches the ledger does not have, or has in the wrong order. Raises: LEDGER_MALFORMED."""
    for stay in stays:
        came = -1 if stay.joined is None else place(events, Inserted, stay.joined)
        if stay.left is not None and place(events, Deleted, stay.left) <= came:
            raise malformed(f"The rows inserted with {stay.joined!r} cannot have left before, with {stay.left!r}.")


def place(events: Sequence[Event], kind: type[Deleted] | type[Inserted], batch: str) -> int:
    """Where in the ledger this batch stands. Raises: LEDGER_MALFORMED."""
    for at, event in enumerate(events):
        if isinstance(event, kind) and event.batch == batch:
            return at
    raise malformed(f"The ledger has no batch {batch!r} that was {kind.event}.")
