"""Small people to learn from, and the one seam through which a test may know the noise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unlearning.certified.noise import NoiseStream

torch.set_num_threads(1)


class KnownNoise(NoiseStream):
    """Noise under a key that everybody knows: for tests that compare two runs draw by draw."""

    def __init__(self) -> None:
        super().__init__()
        self._key = bytearray(32)


@pytest.fixture
def known_noise(monkeypatch):
    """From here on every run draws the same noise."""
    monkeypatch.setattr("unlearning.certified.steps.NoiseStream", KnownNoise)


@pytest.fixture
def blobs():
    """`blobs(rows, classes=3, features=5)`: rows about one centre for each class, and their labels."""

    def make(rows, *, classes=3, features=5, seed=0):
        draw = np.random.default_rng(seed)
        labels = np.arange(rows) % classes
        centres = draw.normal(size=(classes, features))
        return centres[labels] + 0.3 * draw.normal(size=(rows, features)), labels

    return make
