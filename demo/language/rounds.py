"""Ten requests one after the other: what each round's re-tests found, and what that is called. Pure.

A request is found where the model answers more of its texts with a probability that never-seen texts hardly reach. The
rule is fixed before anything is trained: ranks against never-seen texts, Fisher's exact test, one level for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, lgamma

LEVEL = 0.001  # one test in a thousand accuses by chance; ten rounds make about two hundred tests
FALSE_POSITIVES = 0.1  # share of never-seen texts above the threshold
RETAIN_STEPS = 40  # of training on the kept texts alone, on a copy that is thrown away


@dataclass(frozen=True)
class Signs:
    """What one request's texts show on one model: probability of the answers, and how much follows verbatim.

    `known`: texts above the threshold that a tenth of the never-seen ones reach. `lost`: texts below the one that a
    tenth of those fall under. `extracted`: texts of which half follows. `area`: how well the texts are told from
    never-seen ones by their probability; one half tells nothing.
    """

    probability: float
    known: int
    lost: int
    extracted: int
    texts: int
    area: float


@dataclass(frozen=True)
class Retest:
    """One request in one round: as the model is, and after training on kept texts alone.

    `found`: at rest, after those steps, or neither. `overdone`: at rest, texts further away than never-seen ones are,
    which is a trace as well.
    """

    request: int
    at_rest: Signs
    after_steps: Signs
    found: str  # "", "at rest" or "after retain-only steps"
    overdone: bool = False


@dataclass(frozen=True)
class Attempt:
    """One way to honour the requests of a round, and all re-tests of the model that came of it."""

    way: str  # the method's name, "again" or "retrained"
    seconds: float
    retests: Sequence[Retest]
    kept: float  # probability of the kept answers

    @property
    def found(self) -> list[int]:
        return [retest.request for retest in self.retests if retest.found]


@dataclass(frozen=True)
class Round:
    """One request and every attempt at it; the last one is what goes on to the next round."""

    number: int
    attempts: Sequence[Attempt]

    @property
    def last(self) -> Attempt:
        return self.attempts[-1]


def threshold(strangers: Sequence[float]) -> float:
    """What a tenth of the never-seen texts reach or pass."""
    ranked = sorted(strangers, reverse=True)
    return ranked[max(0, ceil(FALSE_POSITIVES * len(ranked)) - 1)]


def lower_threshold(strangers: Sequence[float]) -> float:
    """What a tenth of the never-seen texts fall to or under."""
    ranked = sorted(strangers)
    return ranked[max(0, ceil(FALSE_POSITIVES * len(ranked)) - 1)]


def above(values: Sequence[float], limit: float) -> int:
    return sum(value > limit for value in values)


def below(values: Sequence[float], limit: float) -> int:
    return sum(value < limit for value in values)


def area(texts: Sequence[float], strangers: Sequence[float]) -> float:
    """The area under the curve: how often a text stands above a never-seen one, ties by half."""
    wins = sum((text > other) + 0.5 * (text == other) for text in texts for other in strangers)
    return wins / (len(texts) * len(strangers))


def by_chance(known: int, texts: int, strangers_above: int, strangers: int) -> float:
    """Fisher's exact test, one-sided: so many or more of all that stand above in this one group."""
    together, everyone = known + strangers_above, texts + strangers
    whole = _choose(everyone, together)
    most = min(texts, together)
    return min(
        1.0, sum(exp(_choose(texts, k) + _choose(strangers, together - k) - whole) for k in range(known, most + 1))
    )


def _choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) if 0 <= k <= n else float("-inf")


def is_found(signs: Signs, *, strangers_above: int, strangers: int) -> bool:
    return by_chance(signs.known, signs.texts, strangers_above, strangers) <= LEVEL


def is_overdone(signs: Signs, *, strangers_below: int, strangers: int) -> bool:
    return by_chance(signs.lost, signs.texts, strangers_below, strangers) <= LEVEL


def called(rounds: Sequence[Round], place: int, attempt: int, request: int) -> str:
    """ "clean", "residual" (of this very round), or "resurrected": found now, and clean when its last round ended."""
    retest = next(item for item in rounds[place].attempts[attempt].retests if item.request == request)
    if not retest.found:
        return "overdone" if retest.overdone else "clean"
    if request == rounds[place].number:
        return "residual"
    before = rounds[place - 1].last.found if place else []
    return "residual" if request in before else "resurrected"


def resurrected(rounds: Sequence[Round]) -> list[tuple[int, int]]:
    """(round, request) wherever somebody came back who had been clean."""
    return sorted(
        {
            (one.number, request)
            for place, one in enumerate(rounds)
            for attempt, tried in enumerate(one.attempts)
            for request in tried.found
            if called(rounds, place, attempt, request) == "resurrected"
        }
    )


def followed(rounds: Sequence[Round]) -> tuple[int, int, int]:
    """Over all attempts: texts of which half followed as the models were, after the retain-only steps; texts asked."""
    retests = [retest for one in rounds for attempt in one.attempts for retest in attempt.retests]
    at_rest = sum(retest.at_rest.extracted for retest in retests)
    return at_rest, sum(r.after_steps.extracted for r in retests), sum(r.at_rest.texts for r in retests)


def overdone(rounds: Sequence[Round]) -> list[tuple[int, int]]:
    """(round, request) wherever somebody was pushed further away than strangers, when the round was over."""
    return [(one.number, retest.request) for one in rounds for retest in one.last.retests if retest.overdone]


def at_the_end(rounds: Sequence[Round]) -> list[int]:
    """Who is still found when the last round is over; nobody, where every repair held."""
    return rounds[-1].last.found if rounds else []
