"""Sentinels enter a dataset with its next upload, and stay in every later one until they are erased."""

from dataclasses import replace

import numpy as np

from governance.lineage.identifiers import record_id, subject_index
from governance.lineage.models import Dataset, Record, Subject
from governance.lineage.uploads import Upload
from governance.verification.sentinel_list import Sentinel, unseal_list
from governance.verification.sentinel_models import SentinelSet


def joining(dataset: Dataset, upload: Upload) -> Upload:
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
    return with_rows(upload, guests) if guests else upload


def new_records(dataset: Dataset, upload: Upload) -> int:
    rids = {record_id(dataset, name) for name in upload.record_ids}
    return len(rids) - Record.objects.filter(dataset=dataset, rid__in=rids).count()


def may_join(dataset: Dataset, upload: Upload, sentinels: list[Sentinel]) -> list[Sentinel]:
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


def with_rows(upload: Upload, guests: list[Sentinel]) -> Upload:
    count = sum(len(each.record_ids) for each in guests)
    features = np.array([row for each in guests for row in each.features], dtype=np.float64)
    return replace(
        upload,
        record_ids=[*upload.record_ids, *(name for each in guests for name in each.record_ids)],
        subjects=[*upload.subjects, *(each.identifier for each in guests for _ in each.record_ids)],
        labels=[*upload.labels, *(each.label for each in guests for _ in each.record_ids)],
        features=np.vstack([upload.features, features]),
        # Not marked: a canary is known to all, a sentinel to its auditor only.
        planted=[*upload.planted, *[False] * count],
        guests=count,
    )
