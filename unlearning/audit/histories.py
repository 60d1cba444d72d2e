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


def published_and_deleted(problem: Problem, *, learn: int, delete: int, records: int = 1) -> Ledger:
    """Trained and published, deleted and published again."""
    return learned(problem, steps=learn).then(*_deletion(delete, records), Released(release="second"))


def _deletion(steps: int, records: int) -> tuple[Event, ...]:
    return Deleted(records=records, batch="target"), Steps(steps=steps, job=_JOB)
