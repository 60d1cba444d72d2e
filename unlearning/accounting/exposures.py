"""Ledger events beside the model's own line: what was kept, chosen or shown. The law of `events.py` holds here too.

Kept state. It counts while it exists. Its price in B stays for ever: what could have been read has been spent. In A it
costs nothing once a `Destroyed` stands after it in the ledger (and before the last `Effective`, where there is one),
unless it was `seen`: A speaks of what there is to see after `effective_at`. Whoever finds a state late writes the event
late, with the job it came from; it then counts from that run on. State that never outlived its job is no event at all.
"""

from dataclasses import dataclass
from typing import ClassVar

from unlearning.accounting.events import Event
from unlearning.accounting.strict_json import malformed


@dataclass(frozen=True, kw_only=True)
class Kept(Event):
    """State that a run left behind. `seen`: somebody read it or could keep a copy; destroying it helps no more."""

    seen: bool = False


@dataclass(frozen=True, kw_only=True)
class IterateKept(Kept):
    """The model of a run of `job` after `step` of its steps was kept; 0 is the model the run started from.

    A: the two worlds are told apart at that point already, mu_dd at K_D = step. B: the stretch ends there.
    """

    event: ClassVar[str] = "iterate_kept"
    from_zero: ClassVar[tuple[str, ...]] = ("step",)
    job: str
    step: int


@dataclass(frozen=True, kw_only=True)
class CheckpointKept(Kept):
    """The model that `job` ended with was kept beyond its line. A: mu_dp of the people in it, whatever was deleted."""

    event: ClassVar[str] = "checkpoint_kept"
    job: str


@dataclass(frozen=True, kw_only=True)
class SeedKept(Kept):
    """The seed or generator state of a run of `job` was kept: its noise can be subtracted. A and B: infinite."""

    event: ClassVar[str] = "seed_kept"
    job: str


@dataclass(frozen=True, kw_only=True)
class ReferencesKept(Kept):
    """`references` models trained from scratch with `steps` steps each were kept beyond their verdict, or shown.

    Stands where they were trained: whoever is present here is in them. A and B: each adds its mu_dp^2.
    """

    event: ClassVar[str] = "references_kept"
    references: int
    steps: int


@dataclass(frozen=True, kw_only=True)
class Vetoed(Event):
    """Before a publication somebody or something that had looked at rows could say no, and nothing else.

    Stands whether or not it did say no. alpha: declared beforehand, at least P[no | the rows were held] (H1).
    A and B: alpha is taken from delta. It must be a pure veto: publish this draw or nothing, never another draw.
    """

    event: ClassVar[str] = "vetoed"
    alpha: float
    gate: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 < self.alpha <= 1.0:
            raise malformed(f"Expected vetoed.alpha above 0 and at most 1, got {self.alpha}.")


@dataclass(frozen=True, kw_only=True)
class ChosenByRows(Event):
    """A number, a candidate, a stop or a cancel was chosen with a look at deleted or retained rows. Infinite."""

    event: ClassVar[str] = "chosen_by_rows"
    choice: str


@dataclass(frozen=True, kw_only=True)
class MeasurementShown(Event):
    """An exact measurement on rows of the model left the sealed tier. A and B: infinite."""

    event: ClassVar[str] = "measurement_shown"
    measurement: str
