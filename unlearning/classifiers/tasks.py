"""Two tasks on scikit-learn's bundled digits in which forgetting can be seen (issue 4): planted records, and a class.

Records: half of the records to forget carry a wrong label, which nothing but memory can give; a model that never held
them answers with the true one. Their never-seen twins are mislabelled at the same share. Class: a whole digit is
forgotten. Public data and drawn labels only: tests, benchmarks and recipe qualifications use them freely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from unlearning.classifiers.architecture import Architecture, Family

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
SIDE, GREYS, DIGITS = 8, 16.0, 10
# 1.6 CPU seconds for a cnn of width 16; it learns 98 % of the planted labels, and a retrained one none of them.
TRAINING: dict[str, Any] = {"epochs": 40, "batch": 64, "lr": 3e-3}


@dataclass(frozen=True)
class Part:
    """Some pictures: raw features (N, 64) and the labels (N,) that training or the test uses."""

    x: Floats
    y: Labels

    def __len__(self) -> int:
        return len(self.y)

    def at(self, rows: Labels) -> Part:
        """The rows with these indexes."""
        return Part(self.x[rows], self.y[rows])


@dataclass(frozen=True)
class Task:
    """What to train on, what to forget of it, and rows that no model ever sees.

    forget: indexes into train. planted: the part of `forget` that is mislabelled, as indexes into train too. unseen: as
    `forget` in kind, size and share of wrong labels, in no training. test: clean rows, in no training either.
    """

    train: Part
    forget: Labels
    planted: Labels
    unseen: Part
    test: Part

    @property
    def retain(self) -> Labels:
        """Indexes into train of all rows that stay."""
        return np.setdiff1d(np.arange(len(self.train)), self.forget)


def records_task(*, seed: int, count: int = 120, train_rows: int = 1347) -> Task:
    """`count` digits to forget, half of them mislabelled, and `count` never-seen ones likewise."""
    return records_of(Part(*_digits(seed)), seed=seed, count=count, train_rows=train_rows)


def records_of(shuffled: Part, *, seed: int, count: int, train_rows: int) -> Task:
    """The same task on any pictures of ten classes, in the order given: training rows first, then unseen, then test."""
    x, y = shuffled.x, shuffled.y
    draw = np.random.default_rng([seed, 1])
    forget = np.sort(draw.choice(train_rows, size=count, replace=False))
    planted = np.sort(draw.choice(forget, size=count // 2, replace=False))
    labels = y.copy()
    wrong = np.concatenate([planted, train_rows + np.arange(count // 2)])
    labels[wrong] = _other_labels(y[wrong], draw)
    unseen = np.arange(train_rows, train_rows + count)
    test = np.arange(train_rows + count, len(y))
    return Task(
        Part(x[:train_rows], labels[:train_rows]), forget, planted, Part(x, labels).at(unseen), Part(x, y).at(test)
    )


def class_task(*, seed: int, digit: int = 3, train_rows: int = 1347) -> Task:
    """All training pictures of one digit are to be forgotten; `unseen` holds the rest of it, `test` other digits."""
    x, y = _digits(seed)
    forget = np.flatnonzero(y[:train_rows] == digit)
    later = np.arange(train_rows, len(y))
    whole = Part(x, y)
    unseen, test = later[y[later] == digit], later[y[later] != digit]
    return Task(whole.at(np.arange(train_rows)), forget, forget[:0], whole.at(unseen), whole.at(test))


def digits_architecture(family: Family = "cnn", *, width: int = 16, depth: int = 2) -> Architecture:
    """A network for these pictures: features scaled to [0, 1], so a budget of 0.0625 is one level of grey."""
    shape = (SIDE * SIDE,) if family == "mlp" else (1, SIDE, SIDE)
    return Architecture(
        family=family, shape=shape, classes=tuple(range(DIGITS)), scales=(GREYS,), width=width, depth=depth
    )


def _digits(seed: int) -> tuple[Floats, Labels]:
    from sklearn.datasets import load_digits  # a second of import that training itself does not need

    data = load_digits()
    order = np.random.default_rng([seed, 0]).permutation(len(data.target))
    return data.data[order].astype(np.float64), data.target[order].astype(np.int64)


def _other_labels(y: Labels, draw: np.random.Generator) -> Labels:
    """A wrong digit for each, all nine equally likely."""
    return (y + draw.integers(1, DIGITS, size=len(y))) % DIGITS
