"""What publishing less often saves: B of those who stay, over a year of deletion rounds (guarantees.md section 2).

Between two releases the drift piles up against more noise, so one release per quarter lowers B more than weekly ones
with fewer deletion steps do (down to two steps, in example E of guarantees.md). The choice must be made beforehand, by
calendar, never by what a model showed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from unlearning.accounting.descent import FLOAT64_RHO, Adjacency, Assumption, require_group
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.events import Deleted, Event, Released, Steps, Trained
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.ledger import Ledger, Problem
from unlearning.accounting.noisy_descent import require_steps
from unlearning.accounting.pricing import price_next_release

EVERY = (1, 4, 13, 52)


@dataclass(frozen=True)
class PublishingSchedule(GdpBound):
    """B of a person who stays, when every `every`-th deletion round is published; `releases` counts all of the line."""

    every: int
    releases: int


def publishing_schedules(
    *,
    lam: float,
    beta: float,
    lipschitz: float,
    n: int,
    eta: float,
    sigma: float,
    steps_learn: int,
    steps_delete: int,
    rounds: int = 52,
    every: Sequence[int] = EVERY,
    rows_per_round: int = 1,
    group: int = 1,
    adjacency: Adjacency = "replace",
    assumption: Assumption = "strongly_convex",
    rho: float = FLOAT64_RHO,
    batch: int | None = None,
) -> tuple[PublishingSchedule, ...]:
    """B after a first release and `rounds` deletions of others, for each way to publish, in the order given.

    Raises: AccountingError with the codes of section 2.7.
    """
    problem = Problem(
        lam=lam,
        beta=beta,
        lipschitz=lipschitz,
        n=n,
        eta=eta,
        sigma=sigma,
        adjacency=adjacency,
        assumption=assumption,
        rho=rho,
        batch=batch,
        features=1,
        classes=2,
        norm_bound=1.0,
    )
    require_steps("K_LEARN_NOT_POSITIVE", steps_learn)
    first = Ledger(problem=problem, events=(Trained(steps=steps_learn, job="first"), Released(release="first")))
    return schedules_after(
        first, steps_delete=steps_delete, rounds=rounds, every=every, rows_per_round=rows_per_round, group=group
    )


def schedules_after(
    ledger: Ledger,
    *,
    steps_delete: int,
    rounds: int = 52,
    every: Sequence[int] = EVERY,
    rows_per_round: int = 1,
    group: int | None = None,
) -> tuple[PublishingSchedule, ...]:
    """The same for a model that exists: its ledger, then `rounds` more deletions. Raises: as `publishing_schedules`."""
    require_steps("K_DELETE_NOT_POSITIVE", steps_delete)
    rows = ledger.problem.contribution_cap if group is None else group
    require_group(rows)
    for count in (rounds, rows_per_round, *every):
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise AccountingError("TARGET_OUT_OF_RANGE", f"Expected counts of at least 1, got {count!r}.", "Pass >= 1.")
    return tuple(
        _schedule(ledger, list(_year(steps_delete, rounds, apart, rows_per_round)), apart, rows) for apart in every
    )


def schedules_text(schedules: Sequence[PublishingSchedule], *, delta: float) -> str:
    """The schedules in plain words, one per line, and what the rarest saves. Raises: DELTA_OUT_OF_RANGE."""
    lines = [
        f"publish every {one.every:>3} rounds: {one.releases:>3} releases, B mu {one.mu:.4g}, "
        f"epsilon {one.epsilon(delta):.4g} at delta {delta:g}"
        for one in schedules
    ]
    most, least = max(schedules, key=lambda one: one.mu), min(schedules, key=lambda one: one.mu)
    if least.mu < most.mu:
        saved = most.epsilon(delta) - least.epsilon(delta)
        lines.append(f"Publishing every {least.every} rounds in place of {most.every} saves epsilon {saved:.4g} of B.")
    return "\n".join(lines)


def _year(steps: int, rounds: int, every: int, rows: int) -> Sequence[Event]:
    events: list[Event] = []
    for round_ in range(1, rounds + 1):
        events += [Deleted(records=rows, batch=f"planned:{round_}"), Steps(steps=steps, job=f"planned:{round_}")]
        events += [Released(release=f"planned:{round_}")] if round_ % every == 0 else []
    return events


def _schedule(ledger: Ledger, year: Sequence[Event], every: int, rows: int) -> PublishingSchedule:
    ahead = ledger.then(*year)
    spent = price_next_release(ahead, group=rows).spent
    releases = sum(isinstance(event, Released) for event in ahead.events)
    return PublishingSchedule(mu=spent.mu, reserve=spent.reserve, every=every, releases=releases)
