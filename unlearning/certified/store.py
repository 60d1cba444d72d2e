"""The rows an estimator was given, by record, subject and permanent slot.

The full-batch order of rows means nothing; with mini-batches a slot decides when a row is seen, so slots are for life:
a deleted row leaves a tombstone, nobody moves up, and an inserted row takes the lowest slot never used, or, when all
were used, the lowest tombstone. Both are covered: where a row goes depends on public counts and slot numbers only, and
every price is the maximum over slots.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from unlearning.certified.requests import RequestRefused
from unlearning.certified.rows import Part, settled, without


@dataclass(frozen=True)
class Store:
    """All rows of one model. Immutable until `settle`, so that a call that fails has changed nothing."""

    n_0: int
    parts: tuple[Part, ...] = ()
    slot_of: Mapping[Hashable, int] = field(default_factory=dict)
    subject_of: Mapping[int, Hashable] = field(default_factory=dict)
    next_slot: int = 0

    def __len__(self) -> int:
        return len(self.slot_of)

    def slots_for(self, records: Sequence[Hashable]) -> list[int]:
        """The slots of records that must all be here.

        Raises: RequestRefused with NO_RECORDS, RECORD_REPEATED or RECORD_UNKNOWN.
        """
        if not len(records):
            raise RequestRefused("NO_RECORDS", "expected at least one record, got none.", "Name what to delete.")
        if len(set(records)) < len(records):
            raise RequestRefused("RECORD_REPEATED", "some record is named twice in one call.", "Name each record once.")
        strange = sum(record not in self.slot_of for record in records)
        if strange:
            raise RequestRefused(
                "RECORD_UNKNOWN",
                f"{strange} of {len(records)} records are not in this model: never given, or deleted before "
                "(no list of deleted records is kept).",
                "Ask again with the records that are still here.",
            )
        return [self.slot_of[record] for record in records]

    def free_slots(self, count: int) -> list[int]:
        """Where so many new rows go, in increasing order.

        Raises: RequestRefused with CAPACITY_EXCEEDED.
        """
        left = self.n_0 - len(self)
        if count > left:
            raise RequestRefused(
                "CAPACITY_EXCEEDED",
                f"expected at most {left} more rows in a model of n_0 = {self.n_0} slots, got {count}.",
                "Train a new model with a larger capacity.",
            )
        fresh = list(range(self.next_slot, min(self.n_0, self.next_slot + count)))
        taken = set(self.slot_of.values())
        tombstones = (slot for slot in range(self.next_slot) if slot not in taken)
        return sorted([slot for slot, _ in zip(tombstones, range(count - len(fresh)), strict=False)] + fresh)

    def joined_by(self, part: Part, records: Sequence[Hashable], subjects: Sequence[Hashable] | None) -> Store:
        """The store with these rows too."""
        slots = part.slots.tolist()
        people = {} if subjects is None else dict(zip(slots, subjects, strict=True))
        return replace(
            self,
            parts=(*self.parts, part),
            slot_of={**self.slot_of, **dict(zip(records, slots, strict=True))},
            subject_of={**self.subject_of, **people},
            next_slot=max(self.next_slot, max(slots) + 1),
        )

    def without(self, slots: Iterable[int]) -> Store:
        """The store after these rows left. What is borrowed is copied without them; files are only read past them."""
        gone = set(slots)
        left = [without(part, np.fromiter(gone, dtype=np.int64)) for part in self.parts if part.here.any()]
        return replace(
            self,
            parts=tuple(part for part in left if part.here.any() or part.owned),  # ours is overwritten before it goes
            slot_of={record: slot for record, slot in self.slot_of.items() if slot not in gone},
            subject_of={slot: subject for slot, subject in self.subject_of.items() if slot not in gone},
        )

    def settle(self) -> None:
        """Overwrite the rows that left in the arrays that are ours. After this there is no way back."""
        for part in self.parts:
            settled(part)


def require_new_records(store: Store, records: Sequence[Hashable]) -> None:
    """Raises: RequestRefused with RECORD_REPEATED."""
    if len(set(records)) < len(records) or any(record in store.slot_of for record in records):
        raise RequestRefused("RECORD_REPEATED", "some record id is used twice.", "Give every row an id of its own.")


def require_within_cap(store: Store, subjects: Sequence[Hashable] | None, *, cap: int) -> None:
    """Refuse a person with more rows than the certificate speaks of; dropping rows silently is not our choice to make.

    Raises: RequestRefused with CONTRIBUTION_CAP_EXCEEDED.
    """
    if subjects is None:
        return
    rows_of = Counter(store.subject_of.values())
    rows_of.update(subjects)
    if max(rows_of.values(), default=0) > cap:
        raise RequestRefused(
            "CONTRIBUTION_CAP_EXCEEDED",
            f"some subject has more rows than contribution_cap = {cap}.",
            "Keep at most so many rows of each, chosen without looking at them, or train with a larger cap.",
        )
