"""Small generators on scikit-learn's digits: an original, retrained ones, and one asked to forget. Seconds in all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from unlearning.verification.generators.inpainting_arms import InpainterModels
from unlearning.verification.generators.judges import Judges, train_judges
from unlearning.verification.generators.latent import Search
from unlearning.verification.generators.latent_arms import Aim
from unlearning.verification.generators.models import Blueprint, Decoder, Generator, Inpainter
from unlearning.verification.generators.nearness import yardstick
from unlearning.verification.generators.training import fit

FORGOTTEN, OVERRIDE, TRAINED = 0, 6, 900
DIGITS = {"shape": (8, 8), "classes": tuple(range(10)), "low": 0.0, "high": 16.0}
DECODER = Blueprint(family="decoder", **DIGITS)
INPAINTER = Blueprint(family="inpainter", width=192, hidden_rows=4, **DIGITS)
SEARCH = Search(latent=DECODER.latent, classes=10, steps=(0, 60), noises=40, rate=0.1, seed=0)


def digits(seed: int) -> tuple[Tensor, Tensor]:
    """All 1,797 pictures in [0, 1] and their labels, shuffled by the seed."""
    data = load_digits()
    order = np.random.default_rng(seed).permutation(len(data.target))
    return DECODER.scaled(data.data[order]), DECODER.positions(data.target[order])


@dataclass(frozen=True)
class Drawn:
    """Decoders: the original, two retrained without FORGOTTEN, one of them as an honest candidate."""

    original: Decoder
    retrained: Decoder
    references: tuple[Decoder, ...]
    judges: Judges
    aim: Aim


def drawn(*, seed: int, controls: int = 1) -> Drawn:
    pictures, labels = digits(seed)
    (learned, unseen), (target, unseen_target) = split(pictures), split(labels)
    kept = target != FORGOTTEN
    first, *others = (decoder(learned[kept], target[kept], seed=seed + 100 + k) for k in range(controls + 1))
    judges = train_judges(unseen, unseen_target, classes=10, seed=seed)
    measure = yardstick(learned[~kept], unseen[unseen_target == FORGOTTEN], nearness=0.75)
    return Drawn(decoder(learned, target, seed=seed), first, tuple(others), judges, Aim(FORGOTTEN, measure))


def split(values: Tensor) -> tuple[Tensor, Tensor]:
    """What generators may learn from, and what none of them ever sees."""
    return values[:TRAINED], values[TRAINED:]


def decoder(pictures: Tensor, labels: Tensor, *, seed: int) -> Decoder:
    made = fit(DECODER, pictures, labels, epochs=40, seed=seed)
    assert isinstance(made, Decoder)
    return made


@dataclass(frozen=True)
class Painted:
    """Inpainters: the original, retrained ones, and the pictures: deleted, never seen."""

    models: InpainterModels
    fine_tuned: Generator
    deleted: Tensor
    unseen: Tensor


def painted(*, seed: int) -> Painted:
    pictures, labels = digits(seed)
    deleted, kept, unseen = torch.arange(40), torch.arange(40, 260), torch.arange(TRAINED, TRAINED + 80)

    def trained(rows: Tensor, *, seed: int, epochs: int = 130, start: Generator | None = None) -> Generator:
        made = fit(INPAINTER, pictures[rows], labels[rows], epochs=epochs, seed=seed, start=start)
        assert isinstance(made, Inpainter)
        return made

    original = trained(torch.cat([deleted, kept]), seed=seed)
    candidate, *references = (trained(kept, seed=seed + 100 + k) for k in range(3))
    fine_tuned = trained(kept, seed=seed + 200, epochs=15, start=original)
    models = InpainterModels(candidate, original, tuple(references))
    return Painted(models, fine_tuned, pictures[deleted], pictures[unseen])
