"""Ten requests one after the other, on the engines themselves: unlearn, re-test everybody so far, repair.

A round begins with the method. Whoever is found by the re-tests is unlearned again, all of them together; whoever is
found after that sends the round to retraining, which is always right. Imports torch.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demo.language.asked import Heard, encoded, hear, retest
from demo.language.honouring import after_retain_steps, trained, unlearned
from demo.language.people import People
from demo.language.rounds import Attempt, Retest, Round
from unlearning.language.models import LanguageModel
from unlearning.texts import TextRow

REQUESTS = 10


@dataclass(frozen=True)
class Way:
    """The method of the rounds and its options, fixed before anything is trained."""

    method: str
    params: Mapping[str, Any]
    seed: int = 0


@dataclass(frozen=True)
class State:
    """The model in use, and who asked so far (numbers from 1)."""

    lm: LanguageModel
    gone: tuple[int, ...]


class Rounds:
    """One model and everybody who learned it; half of the never-seen authors stop the method, the others judge it."""

    def __init__(self, people: People, way: Way, *, told: Callable[[str], None] = lambda _: None) -> None:
        half = len(people.never_seen) // 2
        self.people, self.way, self.told = people, way, told
        self.stopping = [row for author in people.never_seen[:half] for row in author]
        self.judging = [row for author in people.never_seen[half:] for row in author]

    def original(self) -> LanguageModel:
        """The model that learned everybody."""
        self.told("training on everybody")
        return trained(self.kept(()), seed=self.way.seed)

    def run(self, original: LanguageModel, *, requests: int = REQUESTS) -> Iterator[Round]:
        state = State(original, ())
        for number in range(1, requests + 1):
            tried = list(self.round(State(state.lm, (*state.gone, number)), number))
            state = tried[-1][0]
            yield Round(number, [attempt for _, attempt in tried])

    def round(self, state: State, number: int) -> Iterator[tuple[State, Attempt]]:
        """Each attempt at one request, until the re-tests find nobody or the model was retrained."""
        state, attempt = self.attempt(state, self.way.method, [number])
        yield state, attempt
        if attempt.found:
            state, attempt = self.attempt(state, "again", attempt.found)
            yield state, attempt
        if attempt.found:
            yield self.attempt(state, "retrained", [])

    def attempt(self, state: State, way: str, wanted: Sequence[int]) -> tuple[State, Attempt]:
        self.told(f"request {state.gone[-1]}: {way}")
        started = time.monotonic()
        lm = self.retrained(state) if way == "retrained" else self.forgetting(state, wanted)
        seconds = time.monotonic() - started
        state = State(lm, state.gone)
        retests, kept = self.retested(state)
        return state, Attempt(way, seconds, retests, kept)

    def forgetting(self, state: State, wanted: Sequence[int]) -> LanguageModel:
        rows = [self.rows_of(number) for number in wanted]
        seed = self.way.seed + state.gone[-1]
        kept = self.kept(state.gone)
        return unlearned(state.lm, rows, kept, self.stopping, method=self.way.method, params=self.way.params, seed=seed)

    def retrained(self, state: State) -> LanguageModel:
        return trained(self.kept(state.gone), seed=self.way.seed + 100 + state.gone[-1])

    def retested(self, state: State) -> tuple[list[Retest], float]:
        """Everybody who asked so far, as the model is and after the retain-only steps; and what the kept ones keep."""
        kept = self.kept(state.gone)
        later = after_retain_steps(state.lm, kept, seed=self.way.seed)
        strangers = [self.heard(lm, self.judging) for lm in (state.lm, later)]
        retests = [
            retest(
                number,
                (self.heard(state.lm, self.rows_of(number)), strangers[0]),
                (self.heard(later, self.rows_of(number)), strangers[1]),
            )
            for number in state.gone
        ]
        return retests, self.heard(state.lm, kept).mean

    def heard(self, lm: LanguageModel, rows: Sequence[TextRow]) -> Heard:
        return hear(lm, encoded(lm, rows))

    def rows_of(self, number: int) -> tuple[TextRow, ...]:
        return self.people.learned[number - 1]

    def kept(self, gone: Sequence[int]) -> list[TextRow]:
        return [row for place, author in enumerate(self.people.learned, 1) if place not in gone for row in author]
