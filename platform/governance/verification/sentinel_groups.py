"""Which sentinels a release should know and which it should not, and the rows to ask it about."""

import secrets
from dataclasses import dataclass
from typing import Any

from governance.lineage.identifiers import record_id, subject_index
from governance.lineage.models import Checkpoint, Record, Subject
from governance.verification.sentinel_list import SealedList, Sentinel
from governance.verification.sentinel_models import SentinelSet

IN_SCOPE = ("scoped", "in_progress", "fulfilled")


# Twins that nobody asks about as they ask about the others: strangers that set a threshold, where a test needs one.
YARDSTICK = "yardstick"


@dataclass(frozen=True)
class Layout:
    """The groups in the order of their rows: (group, what was drawn) for each member."""

    members: list[tuple[str, dict[str, Any]]]

    def count(self, group: str) -> int:
        return sum(name == group for name, _ in self.members)

    def places(self, *groups: str) -> list[int]:
        """Row indexes of these groups in the object."""
        found, row = [], 0
        for name, drawn in self.members:
            rows = range(row, row + len(drawn["rows"]))
            found += list(rows) if name in groups else []
            row = rows.stop
        return found

    def as_json(self) -> list[list[Any]]:
        """What must be kept to read the answer: the group and the number of rows of each member."""
        return [[name, len(drawn["rows"])] for name, drawn in self.members]

    @property
    def drawn(self) -> list[dict[str, Any]]:
        return [drawn for _, drawn in self.members]


def layout_of(row: SentinelSet, found: SealedList, checkpoint: Checkpoint, *, yardstick: int = 0) -> Layout:
    """Erased and kept sentinels of this checkpoint and their never-planted twins, shuffled together.

    yardstick: the last so many twins set a threshold and stand behind all others.
    """
    members = [
        (group, each.drawn) for each in found.sentinels if (group := group_of(row, each, checkpoint)) is not None
    ]
    twins = found.never_planted
    asked = len(twins) - yardstick
    members += [("never_planted", twin) for twin in twins[:asked]]
    order = sorted(range(len(members)), key=lambda _: secrets.randbits(64))
    return Layout([*(members[place] for place in order), *((YARDSTICK, twin) for twin in twins[asked:])])


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
