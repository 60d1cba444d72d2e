"""The public facts a plan is made of. Nothing else may enter: an auditor must reach the same choice from them."""

from dataclasses import dataclass, fields

from governance.errors import Conflict, NotCertifiable
from governance.jobs.models import Disposition
from governance.lineage.models import Checkpoint, Record, Snapshot, SnapshotRow, Subject, TrainedModel
from governance.verification.models import Policy
from unlearning.accounting import Ledger
from unlearning.accounting.plan_file import Plan as PlanFile
from unlearning.accounting.planning import PlanInputs, PriceList

LIVE = (Checkpoint.Status.CANDIDATE, Checkpoint.Status.RELEASED)


@dataclass(frozen=True)
class Batch:
    """What is due for one model: the dispositions, the checkpoint to start from, and the rows that must go."""

    dispositions: list[Disposition]
    source: Checkpoint
    snapshot: Snapshot
    records: list[Record]

    @property
    def rows(self) -> list[int]:
        places = SnapshotRow.objects.filter(snapshot=self.snapshot, record__in=self.records)
        return sorted(places.values_list("row", flat=True))


def due_batch(model: TrainedModel) -> Batch:
    """Everything that is open for a model.

    Raises:
        Conflict: nothing is open, or no live checkpoint is there to start from.
        NotCertifiable: the lineage has declared gaps; no certificate and no deletion can start from it.
    """
    if model.gaps and (model.dataset is None or "command" not in model.problem):
        raise NotCertifiable(
            f"Model {model.ref} was trained elsewhere and its lineage has gaps: {'; '.join(model.gaps)}.",
            remedy="Name its dataset and fix your own training command (engine 'recipe'), so that a plan can retrain "
            "it on a snapshot without the records; or withdraw it.",
        )
    dispositions = open_dispositions(model)
    if not dispositions:
        raise Conflict(f"Nothing is due for model {model.ref}.", code="nothing_due")
    source = model.checkpoints.filter(status__in=LIVE).order_by("status", "id").last()
    snapshot = snapshot_behind(source) if source else None
    if source is None or snapshot is None:
        raise Conflict(f"Model {model.ref} has no live checkpoint and snapshot to start from.", code="no_source")
    asking = Subject.objects.filter(requests__dispositions__in=dispositions)
    # Only rows that this model learned from are deleted; the list of destruction finds the others.
    records = Record.objects.filter(places__snapshot=snapshot, subject__in=asking, erased_at=None)
    if source.run.snapshot is None:
        # Trained elsewhere: nobody knows on which version, so all of a person's records count.
        records = Record.objects.filter(dataset=snapshot.dataset, subject__in=asking)
    return Batch(dispositions, source, snapshot, list(records))


def snapshot_behind(source: Checkpoint) -> Snapshot | None:
    """What the checkpoint learned from; for one trained elsewhere, the newest version of its dataset that is here."""
    if source.run.snapshot is not None:
        return source.run.snapshot
    return Snapshot.objects.filter(dataset=source.model.dataset, destroyed_at=None).order_by("id").last()


def open_dispositions(model: TrainedModel) -> list[Disposition]:
    rows = Disposition.objects.filter(checkpoint__model=model, status=Disposition.Status.OPEN)
    return list(rows.select_related("request", "checkpoint").order_by("id"))


def certified_plan(batch: Batch, policy: Policy) -> PlanFile:
    """The choice between deletion and retraining, with the facts that lead to it."""
    model, body = batch.source.model, policy.body
    return PlanFile.made(
        PlanInputs(
            ledger=Ledger.from_dict(batch.source.ledger),
            batch_rows=len(batch.records),
            rows_per_person=model.problem["contribution_cap"],
            regime=body["claim"]["regime"],
            epsilon=body["claim"]["epsilon"],
            delta=body["claim"]["delta"],
            cap_epsilon=body["bounds"]["b_epsilon"],
            steps_learn=model.problem["steps"],
            # A policy may price networks too; the accountant's list has its own five.
            prices=PriceList(**{field.name: body["prices"][field.name] for field in fields(PriceList)}),
        )
    )
