"""Ledger events: what was done, apart from what it costs. Frozen and versioned.

What was done to the model stands here; what was kept, chosen or shown beside it in `exposures.py`; the list of all of
them, by name and version, in `known_events.py`.

The compatibility law. A certificate carries its ledger for ever, and every event a certificate ever carried must be
priced for ever. So: never remove a class here, never rename or retype a field, never change what an event means.
A new meaning is a new class (or the same `event` name with the next `version`, both kept in `EVENTS`). An event this
file does not know is an error with no certificate, never a price of zero.
"""

import re
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, get_args

from unlearning.accounting.strict_json import malformed, require_count, require_number, require_text

# crash, lease_lost, out_of_memory: public and blind to every row, free while unseen. cancelled: someone chose, so the
# draw counts among the m draws of H4. looked: a choice that saw deleted or retained rows, which no price covers.
Cause = Literal["crash", "lease_lost", "out_of_memory", "cancelled", "looked"]
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the ledger. Subclasses name their `event` and `version`; fields are checked when made."""

    event: ClassVar[str]
    version: ClassVar[int] = 1
    from_zero: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            value, where = getattr(self, field.name), f"{self.event}.{field.name}"
            if field.type is bool:
                if not isinstance(value, bool):
                    raise malformed(f"Expected {where} to be true or false, got {value!r}.")
            elif field.type is int:
                require_count(value, where=where, least=0 if field.name in self.from_zero else 1)
            elif field.type is float:
                object.__setattr__(self, field.name, require_number(value, where=where))
            else:
                require_text(value, where=where)

    def to_json(self) -> dict[str, Any]:
        """The event as a JSON object."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"event": self.event, "version": self.version, **own}


@dataclass(frozen=True, kw_only=True)
class Trained(Event):
    """A model was learned from scratch on all rows: `steps` noisy steps from a start that knows no data."""

    event: ClassVar[str] = "trained"
    steps: int
    job: str


@dataclass(frozen=True, kw_only=True)
class Released(Event):
    """The model of this moment was published; everybody may keep a copy."""

    event: ClassVar[str] = "released"
    release: str


@dataclass(frozen=True, kw_only=True)
class Deleted(Event):
    """`records` rows left the training set at once; from here on no step sees them. `batch` is the job that did it."""

    event: ClassVar[str] = "deleted"
    records: int
    batch: str


@dataclass(frozen=True, kw_only=True)
class Inserted(Event):
    """`records` rows came into free slots at once; from here on every step sees them. `batch` is the job that did it.

    A person registered again after a deletion comes with a new `batch`: a new stretch, added to the old B.
    """

    event: ClassVar[str] = "inserted"
    records: int
    batch: str


@dataclass(frozen=True, kw_only=True)
class Steps(Event):
    """`steps` more noisy steps of the same line on the rows that are left."""

    event: ClassVar[str] = "steps"
    steps: int
    job: str


@dataclass(frozen=True, kw_only=True)
class Retrained(Event):
    """A new line: the same problem run from scratch, `steps` steps on the rows that are left. The old line ended."""

    event: ClassVar[str] = "retrained"
    steps: int
    job: str


@dataclass(frozen=True, kw_only=True)
class DrawDiscarded(Event):
    """An attempt at the run that follows was thrown away and destroyed. Stands before that run in the ledger."""

    event: ClassVar[str] = "draw_discarded"
    attempt: int
    cause: str
    seen: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cause not in get_args(Cause):
            raise malformed(f"Expected a cause among {', '.join(get_args(Cause))}, got {self.cause!r}.")


@dataclass(frozen=True, kw_only=True)
class DrawsSeen(Event):
    """The run that follows was drawn `draws` times in full from one start, and all of them count as seen (H4)."""

    event: ClassVar[str] = "draws_seen"
    draws: int


@dataclass(frozen=True, kw_only=True)
class Destroyed(Event):
    """Everything on the destruction list is gone: old weights, rows, job folders, references."""

    event: ClassVar[str] = "destroyed"
    at: str

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_time(self.at, where="destroyed.at")


@dataclass(frozen=True, kw_only=True)
class Effective(Event):
    """The certificate counts from here: A speaks of releases after this moment."""

    event: ClassVar[str] = "effective"
    at: str

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_time(self.at, where="effective.at")


def _require_time(value: str, *, where: str) -> None:
    if not _TIME.fullmatch(value):
        raise malformed(f"Expected {where} as UTC like 2026-11-20T23:00:00Z, got {value!r}.")
