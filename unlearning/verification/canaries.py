"""Canaries: planted rows whose label only memory can give. Pure functions.

A natural row is no good canary: a retrained model knows its label by generalising. A canary lies far out in a random
direction and its label is a coin toss, so a model that never held it is right half the time and one that leaks, always.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from unlearning.linear import Preparation

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


def draw_canaries(preparation: Preparation, *, count: int, reach: float, seed: int) -> tuple[Floats, Positions]:
    """`count` raw rows at centre +- reach * scale with random signs, and random labels (values of `classes`).

    Returns features of shape (count, F) and labels of shape (count,).
    """
    draw = np.random.default_rng(seed)
    signs = draw.choice([-1.0, 1.0], size=(count, len(preparation.scales)))
    features = np.array(preparation.centres) + signs * reach * np.array(preparation.scales)
    labels = draw.choice(np.array(preparation.classes, dtype=np.int64), size=count)
    return features, labels


def unseen_twins(features_NF: Floats, preparation: Preparation, *, count: int, seed: int) -> tuple[Floats, Positions]:
    """Rows like these canaries that nobody ever trained on: signs redrawn, labels (positions) redrawn.

    Each twin keeps one canary's distances from the centres, so it is exactly as far out.
    """
    draw = np.random.default_rng(seed)
    centres = np.array(preparation.centres)
    models = features_NF[draw.integers(len(features_NF), size=count)]
    signs = draw.choice([-1.0, 1.0], size=models.shape)
    twins: Floats = centres + signs * np.abs(models - centres)
    return twins, draw.integers(len(preparation.classes), size=count)
