"""The ledgers of the pipelines that the audits run: what happened, for the accountant to price."""

from __future__ import annotations

from unlearning.accounting import Deleted, Event, Ledger, Problem, Released, Steps, Trained

_JOB = "audit"


def learned(problem: Problem, *, steps: int) -> Ledger:
    """Trained and published."""
    return Ledger(problem=problem, events=(Trained(steps=steps, job=_JOB), Released(release="first")))


def deleted(problem: Problem, *, learn: int, delete: int, records: int = 1) -> Ledger:
    """Trained, never published, and then deleted: the case in which A and B are one number."""
    return Ledger(problem=problem, events=(Trained(steps=learn, job=_JOB), *_deletion(delete, records)))


def served(problem: Problem, *, learn: int, delete: int, releases: int) -> Ledger:
    """Deleted, published, and published again after one more step each time."""
    later = tuple(event for at in range(1, releases) for event in (Steps(steps=1, job=_JOB), _release(at)))
    return deleted(problem, learn=learn, delete=delete).then(_release(0), *later)


def published_and_deleted(problem: Problem, *, learn: int, delete: int, records: int = 1) -> Ledger:
    """Trained and published, deleted and published again."""
    return learned(problem, steps=learn).then(*_deletion(delete, records), Released(release="second"))


def _release(number: int) -> Event:
    return Released(release=f"later {number}")


def _deletion(steps: int, records: int) -> tuple[Event, ...]:
    return Deleted(records=records, batch="target"), Steps(steps=steps, job=_JOB)
