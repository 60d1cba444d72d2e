"""Steps per second of the engine against the plain loop: in turn, in one process, on one thread, start-up left out."""

from __future__ import annotations

import copy
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.language.material import BATCH, MOST_TOKENS, STUDY, Material, model, random_batches
from benchmarks.language.ours import our_npo
from benchmarks.language.plain import plain_npo
from benchmarks.turns import in_turns
from unlearning.language.batching import batches, padding_share
from unlearning.language.encoding import encode
from unlearning.language.models import LanguageModel

# 20 rows in batches of 8 make three steps an epoch, the third of them half as large: a piece is an epoch.
STEPS_AN_EPOCH, EPOCHS_A_REPEAT = 3, 4


@dataclass(frozen=True)
class Speed:
    """CPU seconds of the same number of rows for each turn: the plain loop, ours, and ours with every look."""

    material: str
    plain: list[float]
    ours: list[float]
    watched: list[float]
    steps: int
    padding_plain: float
    padding_ours: float


def measured(material: Material, *, repeats: int) -> Speed:
    """Four epochs of each a repeat, epoch by epoch in turn; what comes before the second one does not count."""
    start = model(material, STUDY)
    epochs = EPOCHS_A_REPEAT * repeats + 2

    def fresh() -> LanguageModel:
        return LanguageModel(copy.deepcopy(start.model), start.tokenizer)

    spent = in_turns(
        {
            "plain": lambda done: plain_npo(fresh(), material, steps=epochs * STEPS_AN_EPOCH, told=_each_epoch(done)),
            "ours": lambda done: our_npo(fresh(), material, epochs=epochs, told=_each_epoch(done)),
            "watched": lambda done: our_npo(fresh(), material, epochs=epochs, watched=True, told=_each_epoch(done)),
        },
        pieces=EPOCHS_A_REPEAT * repeats,
    )
    return Speed(material.name, **spent, steps=STEPS_AN_EPOCH, **paddings(start, material))


def _each_epoch(done: Callable[[], None]) -> Callable[[int, int], None]:
    def told(step: int, _steps: int) -> None:
        if step % STEPS_AN_EPOCH == 0:
            done()

    return told


def paddings(lm: LanguageModel, material: Material) -> dict[str, float]:
    """Share of cells without a token, over an epoch of the rows to keep: in random order, and ours."""
    encoded = encode(lm.tokenizer, material.retain, template="plain", most_tokens=MOST_TOKENS)
    groups = {
        "padding_ours": [batches(encoded, batch=BATCH, seed=seed, epoch=0) for seed in range(5)],
        "padding_plain": [random_batches(len(encoded), steps=22, seed=seed) for seed in range(5)],
    }
    return {name: statistics.mean(padding_share(encoded, one) for one in five) for name, five in groups.items()}
