"""Sentinels enter a dataset with its next upload, and stay in every later one until they are erased."""

from typing import TypeVar

from governance.lineage.admission import Incoming
from governance.lineage.identifiers import record_id, subject_index
from governance.lineage.models import Dataset, Record, Subject
from governance.verification.sentinel_kinds import kind_of
from governance.verification.sentinel_list import Sentinel, unseal_list
from governance.verification.sentinel_models import SentinelSet

Sent = TypeVar("Sent", bound=Incoming)


def joining(dataset: Dataset, upload: Sent) -> Sent:
    """The upload with the rows of every sentinel of this dataset at its end.

    A set that is new waits for an upload that brings at least as many new records as it would: alone, its rows would
    be the ones that nobody sent.
    """
    brought = new_records(dataset, upload)
    guests: list[Sentinel] = []
    for row in SentinelSet.objects.filter(dataset=dataset, revealed_at=None).order_by("id"):
        staying = may_join(dataset, upload, unseal_list(row).sentinels)
        fresh = [each for each in staying if not is_known(dataset, each)]
        hidden = sum(len(each.record_ids) for each in fresh) <= brought
        guests += staying if hidden else [each for each in staying if each not in fresh]
    if not guests:
        return upload
    rows = [(each.identifier, each.record_ids, each.drawn) for each in guests]
    found: Sent = kind_of(dataset).joined(upload, rows)
    return found


def new_records(dataset: Dataset, upload: Incoming) -> int:
    rids = {record_id(dataset, name) for name in upload.record_ids}
    return len(rids) - Record.objects.filter(dataset=dataset, rid__in=rids).count()


def may_join(dataset: Dataset, upload: Incoming, sentinels: list[Sentinel]) -> list[Sentinel]:
    """Neither erased nor somebody else: an identifier that belongs to a person, here or elsewhere, is given up."""
    indexes = {subject_index(each.identifier): each for each in sentinels}
    taken = {subject_index(name) for name in set(upload.subjects)} & set(indexes)
    for subject in Subject.objects.filter(index__in=indexes).prefetch_related("records"):
        own = {record_id(dataset, name) for name in indexes[str(subject.index)].record_ids}
        if subject.erased_at is not None or any(record.rid not in own for record in subject.records.all()):
            taken.add(str(subject.index))
    return [each for index, each in indexes.items() if index not in taken]


def is_known(dataset: Dataset, sentinel: Sentinel) -> bool:
    return Record.objects.filter(dataset=dataset, rid=record_id(dataset, sentinel.record_ids[0])).exists()
