"""What publishing a release costs those still in the model: in plain words, before anybody approves it."""

import math
from dataclasses import dataclass

from governance.console.wording import delta_words, plain_number
from governance.jobs.less_often import ROUNDS, Schedule, less_often
from governance.jobs.next_cost import NextCost, next_cost
from governance.releases.models import Release
from unlearning.accounting import AccountingError

NO_LEDGER = "This checkpoint has no ledger: no number bounds what publishing it gives away about those still in it."
UNREADABLE = "Its ledger cannot be priced, so that nothing is known of what publishing it costs."
UNDECIDED = (Release.Status.PROPOSED, Release.Status.APPROVED)


@dataclass(frozen=True)
class Cost:
    title: str
    sentences: list[str]
    pairs: list[tuple[str, str]]
    share_now: float = 0.0
    share_after: float = 0.0


def cost_words(release: Release) -> Cost:
    title = "What publishing it will cost" if release.status in UNDECIDED else "What publishing it cost"
    try:
        cost = next_cost(release.checkpoint, release.policy, release=release.ref)
    except AccountingError:
        return Cost(title, [UNREADABLE], [])
    if cost is None:
        return Cost(title, [NO_LEDGER], [])
    most = max(cost.cap.mu, cost.after.mu)
    return Cost(
        title,
        [*sentences_of(cost), *patience(less_often(release.checkpoint, delta=cost.cap.delta))],
        pairs_of(cost),
        share_now=share(cost.spent.mu, most),
        share_after=share(cost.after.mu, most),
    )


def share(mu: float, most: float) -> float:
    """Of the cap, in squares of mu: in them the releases of a model simply add up."""
    return 100.0 if not math.isfinite(most) else 100.0 * (mu / most) ** 2


def pairs_of(cost: NextCost) -> list[tuple[str, str]]:
    return [
        ("B now", epsilon(cost.now)),
        ("B once it is public", epsilon(cost.then)),
        ("Cap on B", epsilon(cost.cap.epsilon) + ("" if cost.cap.fixed else " (not fixed yet)")),
        ("Left under the cap", epsilon(cost.left) if cost.over <= 0.0 else f"none: {epsilon(cost.over)} too much"),
    ]


def sentences_of(cost: NextCost) -> list[str]:
    first = (
        f"Whoever is still in this model would be charged epsilon {epsilon(cost.then)} by all that is public then, "
        f"{epsilon(cost.now)} by what is public now (at delta {delta_words(cost.cap.delta)})."
    )
    return [first, room_words(cost)]


def patience(schedules: tuple[Schedule, ...]) -> list[str]:
    """What publishing less often would save."""
    if not schedules:
        return []
    told = [
        f"{'each is published' if one.every == 1 else f'every {one.every}th is'}: {epsilon(one.epsilon)}"
        for one in schedules
    ]
    return [
        f"Publishing less often saves more than anything else: after {ROUNDS} more such deletions "
        f"B of those who stay is, if {'; if '.join(told)}."
    ]


def room_words(cost: NextCost) -> str:
    if cost.over > 0.0:
        return "That is above the cap: it cannot be published. Deleting, retraining and withdrawing stay open."
    if cost.more_like_it is None:
        return "It costs those still in the model nothing more."
    count = "One more release" if cost.more_like_it == 1 else f"{cost.more_like_it or 'No'} more releases"
    return f"{count} that cost as much would fit under the cap."


def epsilon(value: float) -> str:
    return plain_number(value) if math.isfinite(value) else "without a bound"
