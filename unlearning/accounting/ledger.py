"""The ledger file: a problem's frozen public constants and the events that happened to its model.

Two formats, both read and priced for ever. `obelus/ledger/2` is `obelus/ledger/1` with three more fields of the
problem (`batch`, `loss`, `rows`). A ledger is written in the oldest format that can say it, byte for byte as before.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from unlearning.accounting.descent import Descent
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.events import Deleted, DrawDiscarded, DrawsSeen, Event, Inserted, Trained
from unlearning.accounting.exposures import CheckpointKept, ChosenByRows, IterateKept, SeedKept
from unlearning.accounting.known_events import event_from_json
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
FORMAT_2 = "obelus/ledger/2"
SECOND_FORMAT_FIELDS = ("batch", "loss", "rows")
Loss = Literal["binary", "softmax", "one_vs_rest", "capped_binary", "capped_softmax"]


@dataclass(frozen=True, kw_only=True)
class Problem(Descent):
    """The constants of one model, frozen at its first training and public.

    features: length of one row as the model sees it (intercept included); norm_bound: every row has been scaled to at
    most this norm; contribution_cap: the most rows one person may have; theta_bound: the |theta| assumed by rho (H8).
    loss: which loss L and beta belong to (None: as format 1, binary for two classes and softmax for more).
    rows: rows at the first training where that is below the denominator n, which leaves slots to insert into.
    """

    features: int
    classes: int
    norm_bound: float
    contribution_cap: int = 1
    theta_bound: float = 10.0
    loss: Loss | None = None
    rows: int | None = None

    def __post_init__(self) -> None:
        for name in ("features", "classes", "contribution_cap", "n"):
            require_count(getattr(self, name), where=f"problem.{name}", least=1)
        for name in ("norm_bound", "theta_bound"):
            object.__setattr__(self, name, require_number(getattr(self, name), where=f"problem.{name}"))
            if getattr(self, name) <= 0.0:
                raise malformed(f"Expected problem.{name} > 0, got {getattr(self, name)}.")
        if self.loss is not None and self.loss not in get_args(Loss):
            raise malformed(f"Expected problem.loss among {', '.join(get_args(Loss))}, got {self.loss!r}.")
        if self.rows is not None and require_count(self.rows, where="problem.rows", least=1) > self.n:
            raise malformed(f"Expected problem.rows of at most n = {self.n}, got {self.rows}.")
        super().__post_init__()

    @property
    def format(self) -> str:
        """The oldest ledger format that can say this problem."""
        return FORMAT if all(getattr(self, name) is None for name in SECOND_FORMAT_FIELDS) else FORMAT_2

    @property
    def rows_at_start(self) -> int:
        """Rows at the first training."""
        return self.n if self.rows is None else self.rows

    def to_json(self) -> dict[str, Any]:
        """The problem as a JSON object, every field of its format named."""
        return {name: value for name, value in asdict(self).items() if name in _field_names(self.format)}

    @classmethod
    def from_json(cls, value: Any) -> "Problem":
        """Strict: the fields of one format, no other. Raises: LEDGER_MALFORMED, NOT_FINITE, the codes of `Descent`."""
        second = isinstance(value, dict) and any(name in value for name in SECOND_FORMAT_FIELDS)
        names = _field_names(FORMAT_2 if second else FORMAT)
        return cls(**require_fields(value, where="problem", required=names))


def _field_names(format: str) -> list[str]:
    names = [field.name for field in fields(Problem)]
    return names if format == FORMAT_2 else [name for name in names if name not in SECOND_FORMAT_FIELDS]


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What was done to one model, in order. Its price is `pricing.price`.

    Raises: LEDGER_MALFORMED when the order makes no sense, EMPTY_DATASET_AFTER_DELETION.
    """

    problem: Problem
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "events", tuple(self.events))
        _require_order(self.events)
        _require_rows(self.problem, self.events)

    @property
    def format(self) -> str:
        """The format this ledger is written in."""
        return self.problem.format

    @property
    def removed(self) -> int:
        """How many rows all deletions together removed."""
        return sum(event.records for event in self.events if isinstance(event, Deleted))

    @property
    def rows(self) -> int:
        """Rows in the model now."""
        came = sum(event.records for event in self.events if isinstance(event, Inserted))
        return self.problem.rows_at_start + came - self.removed

    def then(self, *events: Event) -> "Ledger":
        """The ledger with these events after the others."""
        return replace(self, events=(*self.events, *events))

    def to_dict(self) -> dict[str, Any]:
        """The file as plain JSON values."""
        events = [event.to_json() for event in self.events]
        return {"format": self.format, "problem": self.problem.to_json(), "events": events}

    def to_json(self) -> str:
        """The file's text."""
        return dump(self.to_dict())

    @classmethod
    def from_dict(cls, value: Any) -> "Ledger":
        """From plain JSON values. Raises: LEDGER_MALFORMED, UNKNOWN_EVENT, NOT_FINITE and the codes of `Descent`."""
        require_fields(value, where="the ledger", required=("format", "problem", "events"))
        if require_text(value["format"], where="format") not in (FORMAT, FORMAT_2):
            raise malformed(f"Expected format {FORMAT} or {FORMAT_2}, got {value['format']!r}.")
        require_fields(value["problem"], where="problem", required=_field_names(value["format"]))
        if not isinstance(value["events"], list):
            raise malformed("Expected events to be a list.")
        events = tuple(event_from_json(event) for event in value["events"])
        return cls(problem=Problem.from_json(value["problem"]), events=events)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Ledger":
        """From the file's text. Raises: as `from_dict`."""
        return cls.from_dict(parse(text))


# attempts at the training, numbers chosen for it, and what was kept of it by whoever writes that first
_BEFORE_TRAINING = (DrawDiscarded, DrawsSeen, ChosenByRows, IterateKept, CheckpointKept, SeedKept)


def _require_order(events: Iterable[Event]) -> None:
    """One training, first; nothing can be released, deleted or stepped before there is a model."""
    trained = False
    batches: set[tuple[str, str]] = set()
    for event in events:
        if isinstance(event, Trained):
            if trained:
                raise malformed("A ledger has one `trained`; a second line starts with `retrained`.")
            trained = True
        elif not trained and not isinstance(event, _BEFORE_TRAINING):
            raise malformed(f"Event {event.event!r} stands before `trained`.")
        if isinstance(event, Deleted | Inserted):
            if (event.event, event.batch) in batches:
                raise malformed(f"The batch {event.batch!r} is {event.event} twice.")
            batches.add((event.event, event.batch))


def _require_rows(problem: Problem, events: Iterable[Event]) -> None:
    """At least one row stays; and no more than the fixed denominator, or the loss would be steeper than beta says."""
    rows = problem.rows_at_start
    fixed = problem.adjacency != "remove" or problem.batch is not None
    for event in events:
        if isinstance(event, Deleted | Inserted):
            rows += event.records if isinstance(event, Inserted) else -event.records
        if rows < 1:
            raise AccountingError(
                "EMPTY_DATASET_AFTER_DELETION",
                f"The deletions leave {rows} of {problem.n} rows.",
                "Withdraw the model instead.",
            )
        if fixed and rows > problem.n:
            raise malformed(
                f"The insertions bring {rows} rows to a fixed denominator (number of slots) of {problem.n}."
            )
