"""What one request costs when several are unlearned in one run: they share the pass over the rows to keep."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from benchmarks import timing
from benchmarks.language.material import STUDY, Material, made_long_people, model
from benchmarks.language.ours import our_requests
from unlearning.language.models import LanguageModel

TOGETHER = (1, 2, 4)
SHORT, LONG, STEPS_AN_EPOCH = 1, 3, 3


@dataclass(frozen=True)
class Cost:
    """CPU seconds of so many steps for `together` requests in one run, turn by turn."""

    together: int
    seconds: list[float]
    steps: int


def measured(*, repeats: int) -> list[Cost]:
    """One author a request, 20 rows each; the same five others' rows are kept by all."""
    people = made_long_people()
    kept = list(chain(*people[max(TOGETHER) : max(TOGETHER) + 5]))
    material = Material("made, long answers", people[0], kept, people[-1])
    start = model(material, STUDY)

    def run(together: int, epochs: int) -> Callable[[], object]:
        return lambda: our_requests(
            LanguageModel(copy.deepcopy(start.model), start.tokenizer), people[:together], material, epochs=epochs
        )

    runs = {f"{count} {epochs}": run(count, epochs) for count in TOGETHER for epochs in (SHORT, LONG)}
    times = timing.interleaved(runs, repeats=repeats)
    steps = (LONG - SHORT) * STEPS_AN_EPOCH
    return [
        Cost(count, [a - b for a, b in zip(times[f"{count} {LONG}"], times[f"{count} {SHORT}"], strict=True)], steps)
        for count in TOGETHER
    ]
