"""Which sentinels a release should know and which it should not, and the rows to ask it about."""

import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np

from governance.lineage.dataset_file import Rows, write_rows
from governance.lineage.identifiers import record_id, subject_index
from governance.lineage.models import Checkpoint, Record, Subject
from governance.verification.sentinel_list import SealedList, Sentinel
from governance.verification.sentinel_models import SentinelSet

IN_SCOPE = ("scoped", "in_progress", "fulfilled")


@dataclass(frozen=True)
class Layout:
    """The groups in the order of their rows: (group, label, rows) for each member."""

    members: list[tuple[str, int, list[list[float]]]]

    def count(self, group: str) -> int:
        return sum(name == group for name, _, _ in self.members)

    def places(self, group: str) -> list[int]:
        """Row indexes of a group in the object."""
        found, row = [], 0
        for name, _, rows in self.members:
            found += list(range(row, row + len(rows))) if name == group else []
            row += len(rows)
        return found

    def as_json(self) -> list[list[Any]]:
        """What must be kept to read the answer: the group and the number of rows of each member."""
        return [[name, len(rows)] for name, _, rows in self.members]

    def parquet(self) -> bytes:
        labels = [label for _, label, rows in self.members for _ in rows]
        features = np.array([row for _, _, rows in self.members for row in rows], dtype=np.float64)
        return write_rows(Rows(list(range(len(labels))), labels, features))


def layout_of(row: SentinelSet, found: SealedList, checkpoint: Checkpoint) -> Layout:
    """Erased and kept sentinels of this checkpoint and their never-planted twins, shuffled together."""
    members = [
        (group, each.label, each.features)
        for each in found.sentinels
        if (group := group_of(row, each, checkpoint)) is not None
    ]
    members += [("never_planted", int(twin["label"]), twin["rows"]) for twin in found.twins["drawn"]]
    order = sorted(range(len(members)), key=lambda _: secrets.randbits(64))
    return Layout([members[place] for place in order])


def group_of(row: SentinelSet, sentinel: Sentinel, checkpoint: Checkpoint) -> str | None:
    """`erased`: asked to go, and the release should not know them. `kept`: it learned from them. Else neither."""
    subject = Subject.objects.filter(index=subject_index(sentinel.identifier)).first()
    rids = [record_id(row.dataset, name) for name in sentinel.record_ids]
    records = Record.objects.filter(dataset=row.dataset, rid__in=rids, subject=subject)
    if subject is None or not records.exists():
        return None
    inside = records.filter(places__snapshot=checkpoint.run.snapshot).exists()
    gone = subject.erased_at is not None and subject.erased_at <= checkpoint.created_at
    if gone or (not inside and subject.requests.filter(status__in=IN_SCOPE).exists()):
        return "erased"
    return "kept" if inside else None
