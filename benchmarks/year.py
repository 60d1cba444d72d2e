"""A year of one model under the accountant alone: what those who stay pay, round by round (guarantees.md section 2).

Example E: c = .9, 60 learning steps, mu .5 for the first release; one round a week.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from unlearning.accounting import (
    Deleted,
    Event,
    GdpBound,
    Ledger,
    Problem,
    Released,
    Retrained,
    Steps,
    Trained,
    learning_privacy,
    price_next_release,
)

STEPS_LEARN, MU_FIRST, DELTA = 60, 0.5, 1e-5
# Every so many rounds one is published: weekly, monthly, quarterly, never again.
SCHEDULES = {"weekly": 1, "monthly (every 4)": 4, "quarterly (every 13)": 13, "once": 52}
_CONSTANTS = {"lam": 0.1, "beta": 0.25, "lipschitz": 1.0, "n": 1000, "eta": 1.0}


def example() -> Problem:
    """Example E as a problem: the noise follows from mu by one division."""
    unit = learning_privacy(**_CONSTANTS, sigma=1.0, steps_learn=STEPS_LEARN, rho=0.0)  # type: ignore[arg-type]
    return Problem(**_CONSTANTS, sigma=unit.mu / MU_FIRST, rho=0.0, features=10, classes=2, norm_bound=1.0)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Year:
    """B of a person who stays, after each release count, and how many releases there were."""

    releases: int
    b: GdpBound


def after(rounds: int, *, every: int, steps_delete: int | None) -> Year:
    """The first release, then so many rounds, of which every `every`-th is published.

    steps_delete: the steps of each deletion; None: retrain, and only for a release (until then rows wait).
    """
    events: list[Event] = [Trained(steps=STEPS_LEARN, job="first"), Released(release="first")]
    for now in range(1, rounds + 1):
        events += _round(now, published=now % every == 0, steps_delete=steps_delete)
    releases = sum(isinstance(event, Released) for event in events)
    return Year(releases, _published(events))


def _round(now: int, *, published: bool, steps_delete: int | None) -> Sequence[Event]:
    name = f"round {now}"
    events: list[Event] = [Deleted(records=1, batch=name)]
    if steps_delete is not None:
        events.append(Steps(steps=steps_delete, job=name))
    elif published:
        events.append(Retrained(steps=STEPS_LEARN, job=name))
    return [*events, Released(release=name)] if published else events


def _published(events: list[Event]) -> GdpBound:
    """B of those present, over all that was published; what was never published has cost nobody anything."""
    last = max(place for place, event in enumerate(events) if isinstance(event, Released))
    ledger = Ledger(problem=example(), events=tuple(events[: last + 1]))
    return price_next_release(ledger, group=1).spent
