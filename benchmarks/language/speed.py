"""Steps per second of the engine against the plain loop: in turn, in one process, on one thread, start-up cancelled."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import timing
from benchmarks.language.material import BATCH, MOST_TOKENS, STUDY, Material, model, random_batches
from benchmarks.language.ours import our_npo
from benchmarks.language.plain import plain_npo
from unlearning.language.batching import batches, padding_share
from unlearning.language.encoding import encode
from unlearning.language.models import LanguageModel

# 20 rows in batches of 8 make three steps an epoch, the third of them half as large: the plain loop gets its rows too.
SHORT, LONG, STEPS_AN_EPOCH = 1, 6, 3


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
    """Longer runs less shorter ones, so that copying, encoding and caching do not count."""
    start = model(material, STUDY)

    def fresh() -> LanguageModel:
        return LanguageModel(copy.deepcopy(start.model), start.tokenizer)

    runs: dict[str, Callable[[], object]] = {}
    for name, epochs in (("short", SHORT), ("long", LONG)):
        steps = epochs * STEPS_AN_EPOCH
        runs[f"plain {name}"] = lambda steps=steps: plain_npo(fresh(), material, steps=steps)  # type: ignore[misc]
        runs[f"ours {name}"] = lambda epochs=epochs: our_npo(fresh(), material, epochs=epochs)  # type: ignore[misc]
        runs[f"watched {name}"] = lambda epochs=epochs: our_npo(  # type: ignore[misc]
            fresh(), material, epochs=epochs, watched=True
        )
    times = timing.interleaved(runs, repeats=repeats)
    spent = {
        name: [long - short for short, long in zip(times[f"{name} short"], times[f"{name} long"], strict=True)]
        for name in ("plain", "ours", "watched")
    }
    padding = paddings(start, material)
    steps = (LONG - SHORT) * STEPS_AN_EPOCH
    return Speed(material.name, spent["plain"], spent["ours"], spent["watched"], steps, *padding)


def paddings(lm: LanguageModel, material: Material) -> tuple[float, float]:
    """Share of cells without a token, over an epoch of the rows to keep: in random order, and ours."""
    encoded = encode(lm.tokenizer, material.retain, template="plain", most_tokens=MOST_TOKENS)
    ours = [padding_share(encoded, batches(encoded, batch=BATCH, seed=seed, epoch=0)) for seed in range(5)]
    plain = [padding_share(encoded, random_batches(len(encoded), steps=22, seed=seed)) for seed in range(5)]
    return sum(plain) / 5, sum(ours) / 5
