"""One run of a method, looked at while it goes, and on through the retain-only steps. Imports torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demo.language.asked import HALF, encoded, hear
from demo.language.honouring import copied, retain_steps
from demo.language.rounds import area
from unlearning.language.models import LanguageModel
from unlearning.language.unlearning import WHY, unlearn_in_place
from unlearning.texts import TextRow

EVERY, MOST_KEPT = 6, 16
Rows = Sequence[TextRow]
Point = dict[str, float]


@dataclass(frozen=True)
class Watched:
    """Points over the steps; where the method ended and the retain-only steps began; why it stopped."""

    method: str
    points: list[Point]
    ended_at: int
    because: str


@dataclass(frozen=True)
class Sides:
    """Texts to erase and to keep; never-seen ones that stop the method, and others that judge it."""

    wanted: Rows
    kept: Rows
    stopping: Rows
    judging: Rows


def watched(lm: LanguageModel, sides: Sides, *, method: str, params: Mapping[str, Any], seed: int) -> Watched:
    """Run the method on a copy; the model itself is left as it is."""
    running = copied(lm)
    look = looker(running, sides)
    points = [look(0)]

    def told(step: int, steps: int) -> None:
        if step % EVERY == 0:
            points.append(look(step))

    asked: dict[str, Any] = {"method": method, "params": params, "seed": seed, "told": told}
    done = unlearn_in_place(running, sides.wanted, sides.kept, sides.stopping, **asked)
    ended_at = int(done.record["steps"])
    # What is kept is the best state, which need not be the last one: the curve ends with it.
    points = [*(point for point in points if point["step"] < ended_at), look(ended_at)]
    retain_steps(running, sides.kept, seed=seed, told=later(points, look, ended_at))
    return Watched(method, points, ended_at, WHY[done.stopped_because])


def later(points: list[Point], look: Callable[[int], Point], ended_at: int) -> Callable[[int, int], None]:
    def told(step: int, steps: int) -> None:
        if step % EVERY == 0 or step == steps:
            points.append(look(ended_at + step))

    return told


def looker(lm: LanguageModel, sides: Sides) -> Callable[[int], Point]:
    """Looks at the model as it is at a step: everything encoded once, some of the kept texts standing for all."""
    some = sides.kept[:: -(-len(sides.kept) // MOST_KEPT)]
    texts = [encoded(lm, rows) for rows in (sides.wanted, sides.judging, some)]

    def look(step: int) -> Point:
        training = lm.model.training
        lm.model.eval()
        erased, strangers, others = (hear(lm, each) for each in texts)
        lm.model.train(training)
        return {
            "step": step,
            "erased": erased.mean,
            "strangers": strangers.mean,
            "kept": others.mean,
            "area": area(erased.probabilities, strangers.probabilities),
            "extracted": sum(strength >= HALF for strength in erased.strengths) / len(sides.wanted),
        }

    return look
