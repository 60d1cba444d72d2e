"""What publishing less often would save those who stay: most of what B can be spared costs nothing but patience."""

from dataclasses import dataclass
from functools import lru_cache

from evidence.canonical import canonical_bytes, parse_canonical
from governance.lineage.models import Checkpoint
from unlearning.accounting import Ledger, Steps
from unlearning.accounting.schedules import schedules_after

ROUNDS = 52
EVERY = (1, 4, 13)


@dataclass(frozen=True)
class Schedule:
    """B of somebody who stays, after a year of weekly deletions, when every `every`-th of them is published."""

    every: int
    epsilon: float


def less_often(checkpoint: Checkpoint, *, delta: float) -> tuple[Schedule, ...]:
    """From what has been done to this line so far; empty where nobody was ever deleted by steps from it.

    Raises: AccountingError.
    """
    if checkpoint.ledger is None:
        return ()
    return priced(canonical_bytes(checkpoint.ledger), delta)


@lru_cache(maxsize=64)
def priced(ledger: bytes, delta: float) -> tuple[Schedule, ...]:
    known = Ledger.from_dict(parse_canonical(ledger))
    steps = [event.steps for event in known.events if isinstance(event, Steps)]
    if not steps or known.problem.n - known.removed <= ROUNDS + known.problem.contribution_cap:
        return ()
    found = schedules_after(known, steps_delete=steps[-1], rounds=ROUNDS, every=EVERY)
    return tuple(Schedule(one.every, one.epsilon(delta)) for one in found)
