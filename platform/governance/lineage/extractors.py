"""Features that come from an extractor: whoever it was fitted on moves every row, which no certificate covers (H7)."""

from governance.errors import NotCertifiable
from governance.lineage.models import Checkpoint, Dataset, Descent, Snapshot, SnapshotRow, TrainedModel


def require_certifiable(model: TrainedModel, snapshot: Snapshot, *, engine: str) -> None:
    """Before a certified training. A public extractor is taken at its word: its digest is in the trail.

    Raises:
        NotCertifiable: extractor_unknown: nobody knows whom the extractor learned from. extractor_shares_people: it
            learned from somebody whose rows are here, and one person would move all rows, not their own alone.
    """
    extractor = snapshot.dataset.extractor
    if extractor is None or not engine.startswith("certified."):
        return
    learned, unknown = provenance(extractor)
    if unknown:
        raise NotCertifiable(
            f"The features of {snapshot.dataset.ref} come from checkpoint {extractor.ref}, and it is not known whom it "
            f"learned from; model {model.ref} cannot be certified on them.",
            code="extractor_unknown",
            remedy="Extract with a public checkpoint, or with one trained here on other people.",
        )
    people = SnapshotRow.objects.filter(snapshot__in=learned).values("record__subject")
    shared = snapshot.members.filter(record__subject__in=people).values("record__subject").distinct().count()
    if shared:
        raise NotCertifiable(
            f"The extractor {extractor.ref} learned from {shared} of the people in snapshot {snapshot.ref}: each of "
            "them moves every row through it, and no ledger counts that.",
            code="extractor_shares_people",
            remedy="Extract with a public checkpoint, or leave these people out of one of the two.",
        )


def provenance(extractor: Checkpoint) -> tuple[set[int], bool]:
    """All versions of data behind a checkpoint, through all it was made from and the extractors of those data;
    and whether anything of that is unknown."""
    seen: set[int] = set()
    snapshots: set[int] = set()
    unknown, edge = False, {extractor.pk}
    while edge:
        seen |= edge
        here = list(Checkpoint.objects.filter(pk__in=edge).select_related("run__snapshot__dataset"))
        known = [checkpoint.run.snapshot for checkpoint in here if checkpoint.run.snapshot is not None]
        unknown = unknown or len(known) < len(here)
        snapshots |= {snapshot.pk for snapshot in known}
        parents = set(Descent.objects.filter(child__in=edge).values_list("parent", flat=True))
        edge = (parents | extractors_of([snapshot.dataset for snapshot in known])) - seen
    return snapshots, unknown


def extractors_of(datasets: list[Dataset]) -> set[int]:
    return {dataset.extractor_id for dataset in datasets if dataset.extractor_id is not None}
