"""One person's B and A over time, jointly over every model that learned from them; squares of mu add."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from evidence.pricing import jointly
from governance.errors import Conflict
from governance.intake.models import ErasureRequest
from governance.jobs.all_models import UNBOUNDED
from governance.jobs.lines import Line, last_deletion, lines_holding, rows_behind
from governance.jobs.models import Certificate
from governance.jobs.privacy import NOTHING, USUAL_DELTA, Moment, delta_of, moments_of_line, unpriced
from governance.lineage.models import Subject, TrainedModel
from governance.lineage.selectors import living_copies
from unlearning.accounting import AccountingError, GdpBound


@dataclass(frozen=True)
class Share:
    """One line's part: whether the person is still in it, and its own numbers as they are now."""

    model: TrainedModel
    rows: int
    b: GdpBound
    a: GdpBound | None  # None while the person is still in it; infinite where no number bounds what is left
    has_ledger: bool


@dataclass(frozen=True)
class Point:
    at: datetime | None
    kind: str
    model: TrainedModel
    b: GdpBound
    a: GdpBound | None


@dataclass(frozen=True)
class PersonsHistory:
    delta: float
    shares: tuple[Share, ...]
    points: tuple[Point, ...]

    @property
    def b(self) -> GdpBound:
        return jointly(share.b for share in self.shares)

    @property
    def a(self) -> GdpBound | None:
        """None while the person is still in one of the models."""
        return joint_a([share.a for share in self.shares])

    def epsilon(self, bound: GdpBound) -> float:
        return bound.epsilon(self.delta)


@dataclass(frozen=True)
class Step:
    """From here on the person's numbers in one line are these."""

    at: datetime | None
    kind: str
    line: int
    b: GdpBound
    a: GdpBound | None


def persons_history(request: ErasureRequest) -> PersonsHistory:
    """Over all models that held the person's rows.

    Raises:
        Conflict: scope_not_confirmed: until then nobody is told whether this person is in any data. ledger_unpriced.
    """
    if request.subject is None:
        raise Conflict(
            f"The scope of request {request.ref} is not confirmed yet.",
            code="scope_not_confirmed",
            remedy="Prove identity and confirm the scope; only then is the person looked up.",
        )
    try:
        return history_of_person(request.subject)
    except AccountingError as error:
        raise unpriced(error) from error


def history_of_person(person: Subject) -> PersonsHistory:
    lines = lines_holding([person])
    steps = sorted((step for n, line in enumerate(lines) for step in steps_of(n, line, person)), key=order)
    now: dict[int, Step] = {}
    points = []
    for step in steps:
        now[step.line] = step
        joint_b = jointly(each.b for each in now.values())
        a = joint_a([each.a for each in now.values()]) if any(each.a is not None for each in now.values()) else None
        points.append(Point(step.at, step.kind, lines[step.line].model, joint_b, a))
    shares = tuple(share_of(line, person, now[n]) for n, line in enumerate(lines))
    return PersonsHistory(delta=delta_over(lines), shares=shares, points=tuple(points))


def order(step: Step) -> datetime:
    return step.at or datetime.min.replace(tzinfo=timezone.now().tzinfo)


def joint_a(parts: list[GdpBound | None]) -> GdpBound | None:
    return None if None in parts else jointly(part for part in parts if part is not None)


def delta_over(lines: list[Line]) -> float:
    """The largest of the models' deltas would flatter: the smallest."""
    return min((delta_of(line.model) for line in lines if line.ledger is not None), default=USUAL_DELTA)


def steps_of(number: int, line: Line, person: Subject) -> list[Step]:
    """The moments of one line as this person lived them."""
    if line.ledger is None:
        found = steps_without_numbers(number, line, person)
    else:
        found = []
        gone, b = last_deletion(line, [person]), NOTHING
        a: GdpBound | None = None
        for moment in moments_of_line(line, group=rows_of(line, person)):
            b, a = after(moment, gone, b, a)
            found.append(Step(moment.at, moment.kind, number, b, a))
    if line.ended and found[-1].a != NOTHING:
        # Nothing of it is published any more; what was published stays in B.
        ended = max((c.destroyed_at for c in line.checkpoints if c.destroyed_at), default=found[-1].at)
        found.append(Step(ended, "ended", number, found[-1].b, NOTHING))
    return found


def steps_without_numbers(number: int, line: Line, person: Subject) -> list[Step]:
    """Without a ledger: trained, and, once nothing that learned from the person is left of it, what a certificate says.

    A is then the certificate's (0 after retraining by an engine of ours), infinite where none gives a number.
    """
    found = [Step(line.checkpoints[0].created_at, "trained", number, UNBOUNDED, None)]
    learned = [checkpoint for checkpoint in line.checkpoints if rows_behind(checkpoint, [person])]
    if living_copies([checkpoint.pk for checkpoint in learned]).exists():
        return found
    certificate = certificate_of(line.model, person)
    at = max((c.destroyed_at for c in learned if c.destroyed_at), default=None)
    mu = certificate.body["a"]["mu"] if certificate else None
    a = GdpBound(mu) if mu is not None else UNBOUNDED
    return [*found, Step(certificate.effective_at if certificate else at, "deleted", number, UNBOUNDED, a)]


def certificate_of(model: TrainedModel, person: Subject) -> Certificate | None:
    """The newest one in force that covers the person's leaving of a model."""
    own = Certificate.objects.filter(plan__model=model, plan__dispositions__request__subject=person, voided_at=None)
    return own.exclude(effective_at=None).order_by("effective_at", "id").last()


def after(moment: Moment, gone: str | None, b: GdpBound, a: GdpBound | None) -> tuple[GdpBound, GdpBound | None]:
    """B and A of the person after a moment: B stands still once they left."""
    if moment.ref == gone and moment.b is not None:
        return moment.b, moment.a
    return (b, a) if a is not None else (moment.present, None)


def rows_of(line: Line, person: Subject) -> int:
    cap = line.ledger.problem.contribution_cap if line.ledger else 1
    return max(cap, line.rows_of([person], together=True))


def share_of(line: Line, person: Subject, last: Step) -> Share:
    rows = line.rows_of([person], together=True)
    return Share(line.model, rows, last.b, last.a, has_ledger=line.ledger is not None)
