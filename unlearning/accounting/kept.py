"""Which kept states still count, and for whom: all of them for B, those that were not destroyed in time for A."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unlearning.accounting.events import Destroyed, Effective, Event, Retrained, Steps, Trained
from unlearning.accounting.exposures import CheckpointKept, IterateKept, Kept, ReferencesKept, SeedKept
from unlearning.accounting.strict_json import malformed

Runs = Trained | Steps | Retrained


@dataclass(frozen=True)
class KeptStates:
    """By position in the ledger: after which steps of each run the model is known, whose noise is, which references."""

    points: Mapping[int, frozenset[int]]
    seeds: frozenset[int]
    references: frozenset[int]


def kept_for_b(events: Sequence[Event]) -> KeptStates:
    """Everything that was ever kept."""
    return _kept(events, [at for at, event in enumerate(events) if isinstance(event, Kept)])


def kept_for_a(events: Sequence[Event]) -> KeptStates:
    """What was seen, or not destroyed in time (the rule of `exposures.py`)."""
    return _kept(events, [at for at, event in enumerate(events) if isinstance(event, Kept) and _counts(events, at)])


def require_kept_runs(events: Sequence[Event]) -> None:
    """A kept state without its run would cost nothing. Raises: LEDGER_MALFORMED."""
    for event in events:
        if isinstance(event, IterateKept | CheckpointKept | SeedKept):
            least = event.step if isinstance(event, IterateKept) else 0
            if not any(events[run].steps >= least for run in _runs_of(events, event.job)):  # type: ignore[attr-defined]
                raise malformed(f"The ledger has no run of {event.job!r} with {least} steps, of which state was kept.")


def _counts(events: Sequence[Event], at: int) -> bool:
    event = events[at]
    if isinstance(event, Kept) and event.seen:
        return True
    effective = max((place for place, later in enumerate(events) if isinstance(later, Effective)), default=-1)
    end = effective if effective >= 0 else len(events)  # found after it took effect: it was there meanwhile
    return not any(isinstance(later, Destroyed) for later in events[at + 1 : end])


def _kept(events: Sequence[Event], counting: Sequence[int]) -> KeptStates:
    points: dict[int, frozenset[int]] = {}
    seeds, references = set(), set()
    for at in counting:
        event = events[at]
        if isinstance(event, ReferencesKept):
            references.add(at)
        elif isinstance(event, SeedKept):
            seeds.update(_runs_of(events, event.job))
        elif isinstance(event, IterateKept | CheckpointKept):
            for run in _runs_of(events, event.job):
                steps: int = events[run].steps  # type: ignore[attr-defined]
                step = event.step if isinstance(event, IterateKept) else steps
                if step <= steps:
                    points[run] = points.get(run, frozenset()) | {step}
    return KeptStates(points=points, seeds=frozenset(seeds), references=frozenset(references))


def _runs_of(events: Sequence[Event], job: str) -> list[int]:
    return [at for at, event in enumerate(events) if isinstance(event, Runs) and event.job == job]
