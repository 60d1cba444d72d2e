"""Datasets and their immutable snapshots."""

from collections.abc import Collection

from django.db import IntegrityError, transaction

from evidence.canonical import is_digest
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Conflict, Destroyed, Invalid
from governance.ids import new_ref
from governance.lineage.admission import Incoming, RecordReturns, admit
from governance.lineage.forms import FORMS, StoredRows, form_of
from governance.lineage.models import Checkpoint, Dataset, Record, Snapshot, SnapshotRow
from governance.lineage.snapshots import leaves_of, members_of, root_text
from governance.objects.destruction import discard_pending
from governance.objects.store import hold, open_path, put_bytes


@transaction.atomic
def register_dataset(
    *,
    name: str,
    rows_per_subject: int,
    actor: Actor,
    feature_width: int = 0,
    kind: str = "features",
    extractor: Checkpoint | None = None,
    public_extractor: str = "",
) -> Dataset:
    """Open a home for records. `rows_per_subject` is public and stays: what a person costs counts all of their rows.

    `extractor` made the features: a checkpoint of the house; or `public_extractor`, the digest of one that was trained
    on nobody here. It is declared once, before a row is taken in. A dataset of `kind` texts has no features.

    Raises:
        Invalid: an unknown kind, a number below 1, two extractors, or no digest. Conflict: name_taken.
    """
    check_kind(kind, feature_width, extracted=bool(extractor or public_extractor))
    if rows_per_subject < 1:
        raise Invalid("A dataset allows at least 1 row per person.", code="bad_dataset")
    if public_extractor and (extractor is not None or not is_digest(public_extractor)):
        raise Invalid(
            "Features come from one extractor: a checkpoint of this house, or a public one by its sha256 digest.",
            code="bad_extractor",
        )
    made = {"feature_width": feature_width, "rows_per_subject": rows_per_subject, "public_extractor": public_extractor}
    try:
        with transaction.atomic():
            dataset = Dataset.objects.create(name=name, kind=kind, extractor=extractor, **made)
    except IntegrityError as error:
        raise Conflict("There is already a dataset of that name.", code="name_taken") from error
    body = {"dataset": dataset.ref, "width": feature_width, "rows_per_subject": rows_per_subject}
    body |= {} if kind == "features" else {"kind": kind}
    if extractor is not None:
        body |= {"extractor": extractor.object_digest, "checkpoint": extractor.ref}
    elif public_extractor:
        body |= {"extractor": public_extractor, "checkpoint": "public"}
    append(Event.DATASET_REGISTERED, thread=dataset.ref, actor=actor, body=body)
    return dataset


def check_kind(kind: str, feature_width: int, *, extracted: bool) -> None:
    if kind not in FORMS:
        raise Invalid(f"Rows are one of {', '.join(sorted(FORMS))}.", code="bad_dataset")
    if kind == "features" and feature_width < 1:
        raise Invalid("A dataset of features needs at least 1 feature.", code="bad_dataset")
    if kind != "features" and (feature_width or extracted):
        raise Invalid(f"Rows of {kind} have no features, and no extractor made them.", code="bad_dataset")


def take_snapshot(*, dataset: Dataset, parquet: bytes, actor: Actor) -> Snapshot:
    """Take in a version of a dataset: record_id, subject, label int64, features list<double>.

    Of a dataset of texts: record_id, subject, prompt, answer, and perhaps paraphrase, restated, wrong list<string>.

    A record known from before keeps its slot, and sentinels that an auditor planted here join (guests.py). A file that
    would bring back what was erased changes nothing but the trail, which says that it was tried: so do not call this
    inside a transaction that an error rolls back.

    Raises:
        Invalid: see uploads.read_upload and text_uploads.read_text_upload.
        Conflict: record_erased, subject_erased, record_changed_hands.
        StorageFull: no room; nothing was changed.
    """
    upload = form_of(dataset).upload(dataset, parquet)
    try:
        return take_in(dataset, upload, actor)
    except RecordReturns as refusal:
        sent = len(upload.record_ids) - upload.guests
        body = {"dataset": dataset.ref, "code": refusal.code, "rows": sent, "returning": refusal.count}
        append(Event.SNAPSHOT_REFUSED, thread=dataset.ref, actor=actor, body=body)
        raise


@transaction.atomic
def take_in(dataset: Dataset, upload: Incoming, actor: Actor) -> Snapshot:
    records = admit(dataset, upload)
    order = sorted(range(len(records)), key=lambda place: records[place].slot)
    sorted_records = [records[place] for place in order]
    rows = form_of(dataset).rows(upload, order, [record.slot for record in sorted_records])
    return store(dataset, sorted_records, rows, parent=None, actor=actor)


@transaction.atomic
def snapshot_without(*, snapshot: Snapshot, records: Collection[Record], actor: Actor) -> Snapshot:
    """A new object and snapshot without these records; the old one stays until the destruction list runs.

    Records that are not in the snapshot do not matter.

    Raises:
        Conflict: nothing_to_remove. Invalid: empty_dataset. Destroyed: the old object is gone.
    """
    if snapshot.destroyed_at is not None:
        raise Destroyed(f"Snapshot {snapshot.ref} was destroyed.", remedy="Use a later snapshot of the dataset.")
    members = list(snapshot.members.select_related("record").order_by("row"))
    leaving = {record.pk for record in records}
    places = [member.row for member in members if member.record_id not in leaving]
    if len(places) == len(members):
        raise Conflict(f"Snapshot {snapshot.ref} holds none of these records.", code="nothing_to_remove")
    if not places:
        raise Invalid(
            f"Without these records snapshot {snapshot.ref} would be empty.",
            code="empty_dataset",
            remedy="Withdraw the models instead: no model can be trained on nothing.",
        )
    rows = form_of(snapshot.dataset).read(open_path(snapshot.object_digest)).pick(places)
    staying = [members[place].record for place in places]
    return store(snapshot.dataset, staying, rows, parent=snapshot, actor=actor)


@transaction.atomic
def store(
    dataset: Dataset, records: list[Record], rows: StoredRows, *, parent: Snapshot | None, actor: Actor
) -> Snapshot:
    """Object, rows and entry; on any failure the half-stored object goes too (its row would, its bytes would not)."""
    ref = new_ref("snap")
    digest = put_bytes(rows.to_bytes(), owner=ref)
    try:
        with transaction.atomic():
            snapshot = write_down(
                Snapshot(ref=ref, dataset=dataset, parent=parent, object_digest=digest), records, rows
            )
            body = {"dataset": dataset.ref, "snapshot": ref, "root": snapshot.root, "rows": len(rows)}
            body |= {"parent": parent.ref} if parent else {}
            append(Event.SNAPSHOT_TAKEN, thread=dataset.ref, actor=actor, body=body)
    except BaseException:
        discard_pending(ref, 0)
        raise
    return snapshot


def write_down(snapshot: Snapshot, records: list[Record], rows: StoredRows) -> Snapshot:
    members = members_of(snapshot, records, rows)
    snapshot.root, snapshot.rows = root_text(leaves_of(members)), len(rows)
    snapshot.save()
    SnapshotRow.objects.bulk_create(members, batch_size=1000)
    hold(snapshot.object_digest)
    return snapshot
