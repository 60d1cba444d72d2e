"""Lines of releases: which ledgers an attacker with every release holds, and which of them held a person's rows.

A model has one line of checkpoints as long as each was made from the one before. Trained anew from nothing, it begins
a second ledger, and both were published: so lines are counted, not models. In doubt a line counts.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet

from governance.jobs.models import Job
from governance.lineage.models import Checkpoint, Descent, Record, SnapshotRow, Subject, TrainedModel
from governance.lineage.selectors import GONE, living_copies
from unlearning.accounting import Deleted, Ledger, Released

# A quantised copy is made of published weights alone; of these two nobody knows what else they learned from.
LEARNING = (Descent.Kind.FINETUNED, Descent.Kind.DISTILLED)


@dataclass(frozen=True)
class Line:
    """Checkpoints of one model whose ledgers go on from each other, oldest first; or all of its without a ledger."""

    model: TrainedModel
    checkpoints: tuple[Checkpoint, ...]

    @cached_property
    def document(self) -> dict[str, Any] | None:
        """The longest ledger: it holds all the others'."""
        ledgers: list[dict[str, Any]] = [c.ledger for c in self.checkpoints if c.ledger]
        return max(ledgers, key=lambda ledger: len(ledger["events"])) if ledgers else None

    @cached_property
    def ledger(self) -> Ledger | None:
        return Ledger.from_dict(self.document) if self.document is not None else None

    @property
    def ended(self) -> bool:
        """Nothing of it can be published any more, nor of a copy that was made from it."""
        return not living_copies([checkpoint.pk for checkpoint in self.checkpoints]).exists()

    def copied(self, people: Collection[Subject]) -> bool:
        """Whether something made from weights that held these people is still there, under another model's name."""
        held = [checkpoint.pk for checkpoint in self.checkpoints if rows_behind(checkpoint, people)]
        return living_copies(held).exclude(model=self.model).exists()

    def rows_of(self, people: Collection[Subject], *, together: bool) -> int:
        """The most rows that one of these people (or all of them together) had in one version it learned from."""
        counts = [rows_behind(checkpoint, people).values() for checkpoint in self.checkpoints]
        return max(((sum if together else max)(rows) for rows in counts if rows), default=0)

    def holding(self, people: Collection[Subject]) -> set[int]:
        """Which of these people it learned from, by primary key."""
        return {person for checkpoint in self.checkpoints for person in rows_behind(checkpoint, people)}


def lines_of(model: TrainedModel) -> list[Line]:
    """Every line that was or may be published. A candidate that was discarded and never left the house is none."""
    rows = model.checkpoints.select_related("run__snapshot", "model__dataset", "release").order_by("id")
    seen = [checkpoint for checkpoint in rows if counts(checkpoint)]
    lines: list[list[Checkpoint]] = []
    for checkpoint in sorted(seen, key=lambda c: -len(c.ledger["events"]) if c.ledger else 1):
        home = next((line for line in lines if goes_on_to(checkpoint, line[0])), None)
        home.append(checkpoint) if home is not None else lines.append([checkpoint])
    return [Line(model, tuple(sorted(line, key=lambda c: c.pk))) for line in lines]


def counts(checkpoint: Checkpoint) -> bool:
    """In doubt it does: published or served ever, alive, trained elsewhere, or the source of something else."""
    events = checkpoint.ledger["events"] if checkpoint.ledger else []
    if events and events[-1]["event"] == Released.event:
        return True
    published = getattr(checkpoint, "release", None) is not None and checkpoint.release.published_at is not None
    if checkpoint.status not in GONE or published or checkpoint.run.declared:
        return True
    return checkpoint.descendants.exclude(kind=Descent.Kind.UNLEARNED).exists()


def goes_on_to(earlier: Checkpoint, later: Checkpoint) -> bool:
    """Whether the later ledger begins with all of the earlier one; without ledgers all are one line."""
    if earlier.ledger is None or later.ledger is None:
        return earlier.ledger is later.ledger
    events = earlier.ledger["events"]
    same = earlier.ledger.get("problem") == later.ledger.get("problem")
    return bool(same and later.ledger["events"][: len(events)] == events)


def lines_holding(people: Collection[Subject]) -> list[Line]:
    """Every line, of any model, that learned from one of these people, as far as lineage knows."""
    held = [line for model in models_near(people) for line in lines_of(model) if line.rows_of(people, together=True)]
    return [*held, *unknown_descendants(held)]


def models_near(people: Collection[Subject]) -> QuerySet[TrainedModel]:
    """Models that may have learned from them; each of their lines is then looked at by itself."""
    holding = SnapshotRow.objects.filter(record__subject__in=people).values("snapshot")
    homes = Record.objects.filter(subject__in=people).values("dataset")
    learned = Q(runs__snapshot__in=holding) | Q(runs__snapshot=None, runs__declared=True, dataset__in=homes)
    return TrainedModel.objects.filter(learned).distinct().order_by("id")


def rows_behind(checkpoint: Checkpoint, people: Collection[Subject]) -> dict[int, int]:
    """Person -> rows in what a checkpoint learned from; of an unknown version, all of the dataset's."""
    if checkpoint.run.snapshot is not None:
        rows: QuerySet[Any] = SnapshotRow.objects.filter(snapshot=checkpoint.run.snapshot, record__subject__in=people)
        rows = rows.values("record__subject")
        return dict(rows.annotate(many=Count("pk")).values_list("record__subject", "many"))
    rows = Record.objects.filter(dataset=checkpoint.model.dataset, subject__in=people).values("subject")
    return dict(rows.annotate(many=Count("pk")).values_list("subject", "many"))


def unknown_descendants(held: Iterable[Line]) -> list[Line]:
    """Made from one of these by learning on, elsewhere, on nobody knows what: no number bounds what they say."""
    edge = {checkpoint.pk for line in held for checkpoint in line.checkpoints}
    seen: set[int] = set()
    while edge:
        seen |= edge
        edge = set(Descent.objects.filter(parent__in=edge, kind__in=LEARNING).values_list("child", flat=True)) - seen
    rows = Checkpoint.objects.filter(pk__in=seen, model__dataset=None, ledger__isnull=True).order_by("id")
    return [Line(checkpoint.model, (checkpoint,)) for checkpoint in rows.select_related("model", "run")]


def last_deletion(line: Line, people: Collection[Subject]) -> str | None:
    """The deletion after which the line learns from none of these people; None while it, or a copy of it, does."""
    if line.copied(people):
        return None
    ledger = line.ledger
    batches = [event.batch for event in ledger.events if isinstance(event, Deleted)] if ledger else []
    jobs = Job.objects.filter(ref__in=batches, plan__isnull=False)
    left = {job.ref: left_with(job) for job in jobs}
    found: list[int] = []
    for person in line.holding(people):
        at = [place for place, batch in enumerate(batches) if person in left.get(batch, set())]
        if not at:
            return None
        found.append(at[0])
    return batches[max(found)] if found else None


def left_with(job: Job) -> set[int]:
    """Whose rows a plan's job took out."""
    people = Subject.objects.filter(requests__dispositions__plan=job.plan)
    return set(people.values_list("pk", flat=True))
