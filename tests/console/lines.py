"""Two lines of checkpoints: the tumour model with a deletion behind it, and the digits model."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from governance.jobs.models import BudgetCap, Certificate
from governance.lineage.identifiers import subject_index
from governance.lineage.models import (
    Checkpoint,
    Dataset,
    Deployment,
    Descent,
    Record,
    Snapshot,
    SnapshotRow,
    Subject,
    TrainedModel,
    TrainingRun,
)
from governance.releases.models import Release
from tests.console.clock import days_ago
from unlearning.accounting import Deleted, Ledger, Released, Steps, Trained, recommend


def build(world: Any, patients: int) -> None:
    world.tumour, old, current = line(
        world, "tumour-classifier", "Breast cancer, Wisconsin", patients, "certified.train"
    )
    world.digits, _, reader = line(
        world, "digit-reader", "Handwritten digits", max(8, patients // 2), "certified.train"
    )
    BudgetCap.make(model=world.tumour, mu=0.9, delta=1e-5)
    for name, model, serving, hours in (
        ("clinic-north", world.tumour, current, 2),
        ("clinic-south", world.tumour, current, 5),
        ("mail-room", world.digits, reader, 1),
    ):
        reported = timezone.now() - timedelta(hours=hours)
        Deployment.objects.create(name=name, model=model, serving=serving.object_digest, reported_at=reported)


# One release of it costs a person epsilon 0.8.
CONSTANTS = recommend(n=569, features=31, classes=2, epsilon=0.8, delta=1e-5)
LEARNED = Ledger(problem=CONSTANTS.problem, events=(Trained(steps=CONSTANTS.steps_learn, job="job_first"),))
# days ago, how many people are gone by then, A and B of the certificate (None: the first training)
GENERATIONS = ((96, 0, None), (68, 2, (0.38, 0.84)), (40, 5, (0.41, 1.12)))


def line(world: Any, name: str, home: str, patients: int, engine: str) -> tuple[TrainedModel, Checkpoint, Checkpoint]:
    """A model trained once and unlearned twice: only the last checkpoint is alive, and released."""
    with days_ago(100):
        dataset = Dataset.objects.create(name=home, feature_width=30)
        records = enrol(dataset, subjects(name, patients))
        model = TrainedModel.objects.create(name=name, dataset=dataset, engine=engine, problem={"steps": 900})
    points: list[Checkpoint] = []
    for place, (days, gone, numbers) in enumerate(GENERATIONS):
        with days_ago(days):
            points.append(generation(world, model, f"{name}-{place}", records[: patients - gone], points, numbers))
    return model, points[0], points[-1]


def generation(
    world: Any, model: TrainedModel, name: str, records: list[Record], before: list[Checkpoint], numbers: Any
) -> Checkpoint:
    from tests.console.world import digest

    parent = before[-1] if before else None
    taken = snapshot(model.dataset, records, parent.run.snapshot if parent else None, name)
    run = TrainingRun.objects.create(model=model, snapshot=taken)
    point = Checkpoint.objects.create(model=model, run=run, object_digest=digest(name), status="released")
    release = published(world, point, "published")
    ledger = unlearned(parent, 2, f"job_{name}") if parent else LEARNED
    Checkpoint.objects.filter(pk=point.pk).update(ledger=ledger.then(Released(release=release.ref)).to_dict())
    point.refresh_from_db()
    if numbers:
        certificate(point, a=numbers[0], b=numbers[1], b_before=numbers[1], effective=True)
    if parent:
        Descent.objects.create(parent=parent, child=point, kind=Descent.Kind.UNLEARNED)
        retire(parent)
    return point


def unlearned(parent: Checkpoint, rows: int, job: str) -> Ledger:
    """The ledger that a deletion's candidate has."""
    return Ledger.from_dict(parent.ledger).then(Deleted(records=rows, batch=job), Steps(steps=12, job=job))


def retire(point: Checkpoint) -> None:
    """What the destruction list leaves of an older generation: rows that say what was."""
    at = timezone.now()
    Checkpoint.objects.filter(pk=point.pk).update(status="destroyed", destroyed_at=at)
    Release.objects.filter(checkpoint=point).update(status="superseded")
    Snapshot.objects.filter(pk=point.run.snapshot_id).update(destroyed_at=at)
    point.run.snapshot.members.all().delete()


def subjects(name: str, count: int) -> list[Subject]:
    return Subject.objects.bulk_create(
        [Subject(index=subject_index(f"{name}-{number:04d}")) for number in range(count)]
    )


def enrol(dataset: Dataset, people: list[Subject]) -> list[Record]:
    rows = [Record(dataset=dataset, subject=who, rid=f"{slot:032x}", slot=slot) for slot, who in enumerate(people)]
    return Record.objects.bulk_create(rows)


def snapshot(dataset: Dataset, records: list[Record], parent: Snapshot | None, words: str) -> Snapshot:
    from tests.console.world import digest

    row = Snapshot.objects.create(
        dataset=dataset, parent=parent, object_digest=digest(words), root=digest(words + "-root"), rows=len(records)
    )
    members = [
        SnapshotRow(snapshot=row, record=record, row=place, salt=b"s" * 16, leaf=b"l" * 32)
        for place, record in enumerate(records)
    ]
    SnapshotRow.objects.bulk_create(members)
    return row


def published(world: Any, checkpoint: Checkpoint, status: str) -> Release:
    from tests.console.world import digest

    return Release.objects.create(
        checkpoint=checkpoint,
        status=status,
        proposer=world.people["officer"],
        policy=world.policy,
        approval_digest=digest(f"approve-{checkpoint.ref}"),
        signature="signed",
        published_at=timezone.now(),
    )


def certificate(
    checkpoint: Checkpoint, *, a: float, b: float, b_before: float, effective: bool, plan: Any = None
) -> Any:
    from tests.console.world import digest

    body = {
        "format": "obelus/certificate/1",
        "rung": "unlearned_certified",
        "adjacency": "replace",
        "assumption": "strongly_convex",
        "delta": 1e-5,
        "a": {"mu": a / 4, "epsilon": a},
        "b": {"mu": b / 4, "epsilon": b},
        "b_before": {"mu": b_before / 4, "epsilon": b_before},
        "group": 1,
        "assumptions": ["The loss is strongly convex and smooth; every row is scaled to the public norm bound."],
        "limits": [
            "Arithmetic verified; execution attested by the runner; real-number noise assumed.",
            "It does not hide that somebody asked, nor when.",
            "Other models that held the same rows add to B.",
        ],
        "ledger": digest("ledger"),
        "spec": digest("spec"),
    }
    return Certificate.objects.create(
        checkpoint=checkpoint,
        plan=plan,
        rung="unlearned_certified",
        body=body,
        digest=digest(f"cert-{checkpoint.ref}"),
        unlearned_at=timezone.now(),
        effective_at=timezone.now() if effective else None,
    )
