"""When to stop: a target with two sides on the rows to forget, a floor under the utility, and a guard.

The target is the level of never-trained holdout rows *under the model as it is*: what a membership test will compare.
Figures are nats per answer token; a probability is exp of minus that, as everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from unlearning.language.distributed.company import ALONE, Company
from unlearning.language.encoding import Encoded
from unlearning.language.methods import Options
from unlearning.language.unlearning_cache import nll_of

# A row is compared with means over at most so many others, which are always the same ones.
MOST_WATCHED = 64
# Looks at a utility below `collapse`, with nothing pushed any more, before the run is halted.
_PATIENCE = 4
# Share of the level, in nats, from which every step is looked at: below, no step of sane size reaches it.
_NEAR = 1 / 8
# Between two looks at the utility; the passes over rows to keep make it slow to change.
UTILITY_EVERY = 5


@dataclass
class Seen:
    """What was last seen, all of it in the saved state. forget: nll per token of each row to forget.

    level: mean of the holdout rows; least: that of the most probable of them. utility: share of the original's
    probability of rows to keep. low: looks that found it below `collapse` since it was last above its floor. held:
    steps on rows to keep alone that the target has outlasted.
    """

    forget: list[float] = field(default_factory=list)
    level: float = 0.0
    least: float = 0.0
    holdout_probability: float = 0.0
    utility: float = 1.0
    held: int = 0
    low: int = 0
    best: float = math.inf
    best_step: int = 0
    curves: list[dict[str, float]] = field(default_factory=list)


class Watch:
    """Looks at the model between steps; draws nothing, changes nothing but `seen`."""

    def __init__(
        self,
        model: Any,
        options: Options,
        *,
        forget: Sequence[Encoded],
        holdout: Sequence[Encoded],
        retain: Sequence[Encoded],
        requests: Sequence[int],
        company: Company = ALONE,
    ) -> None:
        self._model, self._options, self._company = model, options, company
        self._forget = list(forget)
        self._holdout, self._retain = _spread(holdout), _spread(retain)
        ends = [sum(requests[: at + 1]) for at in range(len(requests))]
        self.requests = [range(end - size, end) for size, end in zip(requests, ends, strict=True)]
        self.seen = Seen()
        self.look()
        # A model that does not know its rows to keep has no utility to lose, and must not divide by zero.
        self._original = max(self._kept_probability(), 1e-9)

    @property
    def aims(self) -> bool:
        """Whether there is a target."""
        return bool(self._options["target"] == "holdout")

    def look(self) -> None:
        """Score every row to forget, and the holdout rows unless a fixed level was given."""
        nlls = self._per_token([*self._forget, *self._holdout])
        self.seen.forget, strangers = nlls[: len(self._forget)], nlls[len(self._forget) :]
        self.seen.holdout_probability = _probability(strangers)
        if fixed := self._options.get("target_nll"):
            self.seen.level, self.seen.least = fixed, fixed / 2
        elif strangers:
            self.seen.level, self.seen.least = sum(strangers) / len(strangers), min(strangers)

    def look_at_utility(self) -> None:
        """Score the rows to keep."""
        self.seen.utility = self._kept_probability() / self._original
        if self.seen.utility < self._options["collapse"]:
            self.seen.low += 1
        elif self.useful():
            self.seen.low = 0

    def pushed(self, rows: Sequence[int], request: int) -> list[int]:
        """Those of a request's rows that still have to be forgotten; none until what was nearly lost is back."""
        if self.seen.low:
            return []
        if not self.aims:
            return list(rows)
        if self._reached(request) or self._far(request):
            return []
        return [row for row in rows if self.seen.forget[row] < self.seen.level]

    def reached(self) -> bool:
        """Whether every request's rows are, on average, at or under the level, and none above every holdout row."""
        return all(self._reached(request) for request in range(len(self.requests)))

    def rests(self) -> bool:
        """Whether no request's rows are to be pushed any further for now."""
        return all(self._reached(request) or self._far(request) for request in range(len(self.requests)))

    def beyond(self) -> float:
        """How far the rows to forget are past the level, nats per token; negative while they are still known.

        Over several requests: of the one that went least far.
        """
        return min(self._mean(request) for request in range(len(self.requests))) - self.seen.level

    def too_far(self) -> bool:
        """Whether some request's rows are past the level by more than the slack: the target has two sides.

        Only where there are rows to keep, since nothing else brings them nearer again.
        """
        past = max(self._mean(request) for request in range(len(self.requests))) - self.seen.level
        return past > self._options["slack"] and bool(self._options["retain_weight"])

    def near(self, seen: dict[int, float]) -> bool:
        """Whether a step's own losses, seen before it, say that a look is worth its price; without a target none is."""
        total, rows = self._company.sums([sum(seen.values()), len(seen)])
        return self.aims and (not rows or total / rows > self.seen.level * _NEAR)

    def collapsed(self) -> bool:
        """Whether the guard must halt the run: what is being lost does not come back, or nothing brings it back."""
        looks = _PATIENCE if self._options["retain_weight"] else 0
        return self.seen.low > looks or not all(map(math.isfinite, [*self.seen.forget, self.seen.utility]))

    def useful(self) -> bool:
        """Whether the state may be chosen."""
        return self.seen.utility >= float(self._options["utility_floor"])

    def distance(self) -> float:
        """How far the state is from what is wanted; the least is best, of equal ones the last.

        Both sides count where there is a target, and states within half the slack of it are equal.
        """
        mean = sum(self.seen.forget) / len(self.seen.forget)
        return max(0.0, abs(mean - self.seen.level) - float(self._options["slack"]) / 2) if self.aims else -mean

    def note(self, step: int, pushed: int) -> None:
        """Add a point to the curves: means over rows, no row's own value (unless it is alone)."""
        self.seen.curves.append(
            {
                "step": step,
                "pushed": pushed,
                "forget": _probability(self.seen.forget),
                "holdout": self.seen.holdout_probability,
                "utility": self.seen.utility,
            }
        )

    def _reached(self, request: int) -> bool:
        mine = self.requests[request]
        return self._mean(request) >= self.seen.level and min(self.seen.forget[row] for row in mine) >= self.seen.least

    def _far(self, request: int) -> bool:
        """Whether a push for the last rows would be taken back, and with it the step's good to the rows to keep.

        All rows together are nearly too far gone; steps on rows to keep alone bring them nearer, if there are any.
        """
        far = self._mean(request) - self.seen.level > self._options["slack"] / 2
        return far and bool(self._options["retain_weight"])

    def _mean(self, request: int) -> float:
        mine = self.requests[request]
        return sum(self.seen.forget[row] for row in mine) / len(mine)

    def _kept_probability(self) -> float:
        return _probability(self._per_token(self._retain))

    def _per_token(self, encoded: Sequence[Encoded]) -> list[float]:
        """Each process scores its share: then all decide on the same numbers, whatever their own rounding."""
        sums_N, counts_N = nll_of(self._model, self._company.mine(encoded))
        return self._company.gathered((sums_N / counts_N).tolist(), of=len(encoded))


def _spread(encoded: Sequence[Encoded]) -> list[Encoded]:
    """At most so many of them, evenly spread over their order."""
    if len(encoded) <= MOST_WATCHED:
        return list(encoded)
    return [encoded[at * len(encoded) // MOST_WATCHED] for at in range(MOST_WATCHED)]


def _probability(nlls: Sequence[float]) -> float:
    """Mean over rows of exp(-nll per token); 0 for no rows."""
    return sum(math.exp(-value) for value in nlls) / len(nlls) if nlls else 0.0
