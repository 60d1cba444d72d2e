"""What the table of methods forgets: digits, MNIST and Fashion-MNIST records with planted labels, and a whole class."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.public_data import FASHION, MNIST, raw_pictures
from unlearning.classifiers.architecture import Architecture
from unlearning.classifiers.tasks import TRAINING, Part, Task, class_task, digits_architecture, records_of, records_task

POOLED, SIDE = 2, 14
# Rows to learn from; of the published files all others are held out. Enough to be learned on two cores in seconds.
LEARNED = 2400
COUNT = 120


@dataclass(frozen=True)
class Study:
    """One task with what is needed to train on it. whole_class: all that there was of a class is forgotten."""

    name: str
    task: Callable[[int], Task]
    architecture: Architecture
    training: dict[str, float | int]
    whole_class: bool = False


def studies() -> list[Study]:
    """All four, cheapest first."""
    pictures = Architecture(family="cnn", shape=(1, SIDE, SIDE), classes=tuple(range(10)), width=16, depth=2)
    return [
        Study(
            "digits, 120 records", lambda seed: records_task(seed=seed, count=COUNT), digits_architecture(), TRAINING
        ),
        Study(
            "digits, one class", lambda seed: class_task(seed=seed), digits_architecture(), TRAINING, whole_class=True
        ),
        Study("MNIST, 120 records", lambda seed: pictures_task(MNIST, seed), pictures, TRAINING),
        Study("Fashion-MNIST, 120 records", lambda seed: pictures_task(FASHION, seed), pictures, TRAINING),
    ]


def pictures_task(files: tuple[str, str], seed: int) -> Task:
    """A records task on the first 3,600 pictures of two idx files, shuffled by the seed, two by two pixels averaged."""
    pixels, labels = raw_pictures(files, pooled=POOLED)
    order = np.random.default_rng([seed, 0]).permutation(min(3600, len(labels)))
    return records_of(Part(pixels[order], labels[order]), seed=seed, count=COUNT, train_rows=LEARNED)
