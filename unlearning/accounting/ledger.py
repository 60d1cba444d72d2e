"""The ledger file `obelus/ledger/1`: a problem's frozen public constants and the events that happened to its model."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar

from unlearning.accounting.descent import Descent
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.events import Deleted, DrawDiscarded, DrawsSeen, Event, Trained, event_from_json
from unlearning.accounting.strict_json import (
    dump,
    malformed,
    parse,
    require_count,
    require_fields,
    require_number,
    require_text,
)

FORMAT = "obelus/ledger/1"


@dataclass(frozen=True, kw_only=True)
class Problem(Descent):
    """The constants of one model, frozen at its first training and public.

    features: length of one row as the model sees it (intercept included); norm_bound: every row has been scaled to at
    most this norm; contribution_cap: the most rows one person may have; theta_bound: the |theta| assumed by rho (H8).
    """

    features: int
    classes: int
    norm_bound: float
    contribution_cap: int = 1
    theta_bound: float = 10.0

    def __post_init__(self) -> None:
        for name in ("features", "classes", "contribution_cap", "n"):
            require_count(getattr(self, name), where=f"problem.{name}", least=1)
        for name in ("norm_bound", "theta_bound"):
            object.__setattr__(self, name, require_number(getattr(self, name), where=f"problem.{name}"))
            if getattr(self, name) <= 0.0:
                raise malformed(f"Expected problem.{name} > 0, got {getattr(self, name)}.")
        super().__post_init__()

    def to_json(self) -> dict[str, Any]:
        """The problem as a JSON object, every field named."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> "Problem":
        """Strict: every field, no other. Raises: LEDGER_MALFORMED, NOT_FINITE and the codes of `Descent`."""
        return cls(**require_fields(value, where="problem", required=[field.name for field in fields(cls)]))


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What was done to one model, in order. Its price is `pricing.price`.

    Raises: LEDGER_MALFORMED when the order makes no sense, EMPTY_DATASET_AFTER_DELETION.
    """

    problem: Problem
    events: tuple[Event, ...] = ()

    format: ClassVar[str] = FORMAT

    def __post_init__(self) -> None:
        object.__setattr__(self, "events", tuple(self.events))
        _require_order(self.events)
        if self.problem.n - self.removed < 1:
            raise AccountingError(
                "EMPTY_DATASET_AFTER_DELETION",
                f"The deletions remove {self.removed} of {self.problem.n} rows.",
                "Withdraw the model instead.",
            )

    @property
    def removed(self) -> int:
        """How many rows all deletions together removed."""
        return sum(event.records for event in self.events if isinstance(event, Deleted))

    def then(self, *events: Event) -> "Ledger":
        """The ledger with these events after the others."""
        return replace(self, events=(*self.events, *events))

    def to_dict(self) -> dict[str, Any]:
        """The file as plain JSON values."""
        events = [event.to_json() for event in self.events]
        return {"format": FORMAT, "problem": self.problem.to_json(), "events": events}

    def to_json(self) -> str:
        """The file's text."""
        return dump(self.to_dict())

    @classmethod
    def from_dict(cls, value: Any) -> "Ledger":
        """From plain JSON values. Raises: LEDGER_MALFORMED, UNKNOWN_EVENT, NOT_FINITE and the codes of `Descent`."""
        require_fields(value, where="the ledger", required=("format", "problem", "events"))
        if require_text(value["format"], where="format") != FORMAT:
            raise malformed(f"Expected format {FORMAT}, got {value['format']!r}.")
        if not isinstance(value["events"], list):
            raise malformed("Expected events to be a list.")
        events = tuple(event_from_json(event) for event in value["events"])
        return cls(problem=Problem.from_json(value["problem"]), events=events)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Ledger":
        """From the file's text. Raises: as `from_dict`."""
        return cls.from_dict(parse(text))


def _require_order(events: Iterable[Event]) -> None:
    """One training, first; nothing can be released, deleted or stepped before there is a model."""
    trained = False
    batches: set[str] = set()
    for event in events:
        if isinstance(event, Trained):
            if trained:
                raise malformed("A ledger has one `trained`; a second line starts with `retrained`.")
            trained = True
        elif not trained and not isinstance(event, DrawDiscarded | DrawsSeen):
            raise malformed(f"Event {event.event!r} stands before `trained`.")
        if isinstance(event, Deleted):
            if event.batch in batches:
                raise malformed(f"The batch {event.batch!r} is deleted twice.")
            batches.add(event.batch)
