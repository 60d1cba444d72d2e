"""The privacy ledger of a model, priced moment by moment: B of those still in it, B and A of those who left."""

from dataclasses import dataclass, replace
from datetime import datetime

from evidence.pricing import jointly
from governance.errors import Conflict
from governance.jobs.lines import Line, lines_of
from governance.jobs.models import Job
from governance.jobs.next_cost import published
from governance.lineage.models import Checkpoint, TrainedModel
from governance.releases.models import Release
from unlearning.accounting import (
    AccountingError,
    Deleted,
    GdpBound,
    Ledger,
    Released,
    Retrained,
    Steps,
    Trained,
    price,
    price_next_release,
)

RUNS = (Trained, Steps, Retrained)
USUAL_DELTA = 1e-5
NOTHING = GdpBound(0.0)


@dataclass(frozen=True)
class Moment:
    """After one training, release or deletion. `b` and `a` are those of the batch a deletion took out."""

    at: datetime | None
    kind: str  # trained, released, deleted
    ref: str
    rows: int
    present: GdpBound
    b: GdpBound | None = None
    a: GdpBound | None = None


@dataclass(frozen=True)
class History:
    """A model's newest line; what its older lines published is in every number."""

    model: TrainedModel
    delta: float
    group: int
    moments: tuple[Moment, ...]

    def epsilon(self, bound: GdpBound) -> float:
        return bound.epsilon(self.delta)


def history_of(model: TrainedModel) -> History | None:
    """None for a model without any ledger: nothing bounds what it gives away."""
    lines = lines_of(model)
    priced = [line for line in lines if line.ledger is not None]
    if not priced:
        return None
    newest = max(priced, key=lambda line: line.checkpoints[-1].pk)
    earlier = jointly(published(line) for line in lines if line is not newest)
    assert newest.ledger is not None
    group = newest.ledger.problem.contribution_cap
    return History(model, delta_of(model), group, tuple(moments_of(newest.ledger, group=group, earlier=earlier)))


def model_history(model: TrainedModel) -> History | None:
    """As `history_of`, for those who cannot do without an answer.

    Raises:
        Conflict: ledger_unpriced.
    """
    try:
        return history_of(model)
    except AccountingError as error:
        raise unpriced(error) from error


def unpriced(error: AccountingError) -> Conflict:
    return Conflict(f"A ledger cannot be priced: {error.message}", code="ledger_unpriced", remedy=error.remedy)


def delta_of(model: TrainedModel) -> float:
    """The delta at which a model's numbers are said: its cap's, else that of its newest certificate."""
    cap = getattr(model, "cap", None)
    if cap is not None:
        return float(cap.delta)
    newest = Checkpoint.objects.filter(model=model, certificate__isnull=False).order_by("id").last()
    said = newest.certificate.body["delta"] if newest else None
    return float(said) if said is not None else USUAL_DELTA


def moments_of(ledger: Ledger, *, group: int, earlier: GdpBound = NOTHING) -> list[Moment]:
    """One for each training, each release, and each deletion once its run has ended."""
    times = Times.of(ledger)
    found, left = [], None
    for length, event in enumerate(ledger.events, start=1):
        if isinstance(event, Deleted):
            left = event
        elif isinstance(event, (Released, *RUNS)):
            prefix = Ledger(problem=ledger.problem, events=ledger.events[:length])
            found.append(moment_of(prefix, left, times, group=group, earlier=earlier))
            left = None
    return dated(found)


def dated(moments: list[Moment]) -> list[Moment]:
    """A moment whose time nobody kept has that of the one before it, or of the first that is known."""
    last = next((moment.at for moment in moments if moment.at is not None), None)
    found = []
    for moment in moments:
        last = moment.at or last
        found.append(replace(moment, at=last))
    return found


def moment_of(prefix: Ledger, left: Deleted | None, times: "Times", *, group: int, earlier: GdpBound) -> Moment:
    event = prefix.events[-1]
    spent = jointly([earlier, price_next_release(prefix, group=group).spent])
    if left is None:
        ref = event.release if isinstance(event, Released) else getattr(event, "job", "")
        return Moment(times.at(ref), event.event, ref, 0, spent)
    cost = price(prefix, delta=USUAL_DELTA, group=group, batch=left.batch)  # a bound does not depend on delta
    b = jointly([earlier, cost.b])
    return Moment(times.at(left.batch), "deleted", left.batch, left.records, spent, b=b, a=cost.a)


@dataclass(frozen=True)
class Times:
    """When things of a ledger happened: the ledger itself knows their order only."""

    known: dict[str, datetime | None]

    @classmethod
    def of(cls, ledger: Ledger) -> "Times":
        releases = {event.release for event in ledger.events if isinstance(event, Released)}
        jobs = {event.job for event in ledger.events if isinstance(event, RUNS)}
        published = Release.objects.filter(ref__in=releases).values_list("ref", "published_at")
        ended = Job.objects.filter(ref__in=jobs).values_list("ref", "ended_at")
        return cls({**dict(published), **dict(ended)})

    def at(self, ref: str) -> datetime | None:
        return self.known.get(ref)


def moments_of_line(line: Line, *, group: int) -> list[Moment]:
    return moments_of(line.ledger, group=group) if line.ledger is not None else []
