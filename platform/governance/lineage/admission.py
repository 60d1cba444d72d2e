"""Which rows of an upload may come in, and under which slot. What was erased does not come back."""

import secrets
from typing import Protocol

from django.db import transaction

from governance.errors import Conflict
from governance.lineage.identifiers import record_id, subject_index
from governance.lineage.models import Dataset, ErasedRecord, Record, Subject


class Incoming(Protocol):
    """Whose rows an upload holds, row by row; the last `guests` of them are nobody's (see guests.py)."""

    @property
    def record_ids(self) -> list[str]: ...

    @property
    def subjects(self) -> list[str]: ...

    @property
    def planted(self) -> list[bool]: ...

    @property
    def guests(self) -> int: ...


class RecordReturns(Conflict):
    """The file holds what was erased. `count` rows of it; only the first is named, by its number."""

    title = "What was erased cannot come back"

    def __init__(self, detail: str, *, code: str, count: int) -> None:
        super().__init__(detail, code=code, remedy="Leave out the rows of erased people where the file is made.")
        self.count = count


@transaction.atomic
def admit(dataset: Dataset, upload: Incoming) -> list[Record]:
    """The records of an upload, row by row: known ones with their old slot, new ones with the next free number.

    Raises:
        RecordReturns: record_erased or subject_erased. Conflict: record_changed_hands.
    """
    # The dataset's row lock makes two uploads number their new records one after the other.
    home = Dataset.objects.select_for_update().get(pk=dataset.pk)
    rids = [record_id(home, name) for name in upload.record_ids]
    refuse_erased_records(home, rids)
    people = known_people(upload)
    indexes = [subject_index(name) for name in upload.subjects]
    refuse_erased_people(people, indexes)
    known = {record.rid: record for record in Record.objects.filter(dataset=home, rid__in=rids)}
    refuse_changed_hands(known, people, rids, indexes)
    fresh: list[Record] = []
    for place in places(len(rids), guests=upload.guests):
        if (rid := rids[place]) not in known:
            slot, planted = home.next_slot + len(fresh), upload.planted[place]
            known[rid] = Record(dataset=home, subject=people[indexes[place]], rid=rid, slot=slot, planted=planted)
            fresh.append(known[rid])
    Record.objects.bulk_create(fresh, batch_size=1000)
    Dataset.objects.filter(pk=home.pk).update(next_slot=home.next_slot + len(fresh))
    dataset.next_slot = home.next_slot + len(fresh)
    return [known[rid] for rid in rids]


def places(count: int, *, guests: int) -> list[int]:
    """The order in which new records get their numbers: the file's own, with guests anywhere in between.

    Numbered last, the rows of nobody could be told from people by a glance at the slots.
    """
    order = list(range(count - guests))
    for place in range(count - guests, count):
        order.insert(secrets.randbelow(len(order) + 1), place)
    return order


def known_people(upload: Incoming) -> dict[str, Subject]:
    """Everyone in the file by their index, made where they are new."""
    indexes = sorted({subject_index(name) for name in upload.subjects})
    Subject.objects.bulk_create([Subject(index=index) for index in indexes], ignore_conflicts=True, batch_size=1000)
    # Locked until commit, so that an erasure that ends just now is either seen here or sees these rows.
    people = Subject.objects.select_for_update().filter(index__in=indexes).order_by("pk")
    return {str(person.index): person for person in people}


def refuse_erased_records(dataset: Dataset, rids: list[str]) -> None:
    erased = set(ErasedRecord.objects.filter(dataset=dataset, rid__in=rids).values_list("rid", flat=True))
    back = [number for number, rid in enumerate(rids, start=1) if rid in erased]
    if back:
        raise RecordReturns(f"Row {back[0]} is a record that was erased.", code="record_erased", count=len(back))


def refuse_erased_people(people: dict[str, Subject], indexes: list[str]) -> None:
    """A person erased under one record id must not come back under another, as a renumbered export would do."""
    back = [number for number, index in enumerate(indexes, start=1) if people[index].erased_at is not None]
    if back:
        raise RecordReturns(
            f"Row {back[0]} is of a person who was erased.",
            code="subject_erased",
            count=len(back),
        )


def refuse_changed_hands(
    known: dict[str, Record], people: dict[str, Subject], rids: list[str], indexes: list[str]
) -> None:
    for number, (rid, index) in enumerate(zip(rids, indexes, strict=True), start=1):
        if rid in known and known[rid].subject_id != people[index].pk:
            raise Conflict(
                f"Row {number} has the id of a record that belonged to another person.",
                code="record_changed_hands",
                remedy="Give the record an id of its own; a record never changes its person.",
            )
