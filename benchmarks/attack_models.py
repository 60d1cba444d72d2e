"""The models and rows on which the network attack is measured: the digits records task, three ways of being asked."""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from unlearning.classifiers.network import Network, build
from unlearning.classifiers.tasks import TRAINING, digits_architecture, records_task
from unlearning.classifiers.training import fit
from unlearning.verification.network_arms import NetworkModels, NetworkProbe

LADDERS = {"linf": (0.025, 0.05, 0.075, 0.1, 0.15, 0.2), "l2": (0.1, 0.2, 0.4, 0.6, 0.8, 1.2)}
BOX = {"low": 0.0, "high": 1.0}


@dataclass(frozen=True)
class World:
    """A model of everything, the same fine-tuned on the rows that stay, and models that never held the others."""

    original: Network
    finetuned: Network
    retrained: tuple[Network, ...]
    deleted: NetworkProbe
    unseen: NetworkProbe

    @property
    def models(self) -> NetworkModels:
        return NetworkModels(self.finetuned, self.original, self.retrained)

    @property
    def rows(self) -> NetworkProbe:
        """Deleted and never-seen rows together."""
        x, y = (torch.cat([getattr(part, name) for part in (self.deleted, self.unseen)]) for name in ("x", "y"))
        return NetworkProbe(x, y)


def world(*, seed: int = 0, references: int = 1) -> World:
    """Train it all, about two CPU seconds a model."""
    task, made = records_task(seed=seed), digits_architecture()
    original = build(made, seed=seed)

    def rows(part):
        return NetworkProbe(original.scaled(part.x), torch.from_numpy(made.positions(part.y)))

    whole, kept = rows(task.train), rows(task.train.at(task.retain))
    fit(original, whole.x, whole.y, seed=seed, **TRAINING)
    finetuned = fit(copy.deepcopy(original), kept.x, kept.y, epochs=20, lr=1e-3, seed=seed)
    retrained = [fit(build(made, seed=100 + k), kept.x, kept.y, seed=100 + k, **TRAINING) for k in range(references)]
    return World(original, finetuned, tuple(retrained), rows(task.train.at(task.forget)), rows(task.unseen))


def other_labels(rows: NetworkProbe, *, seed: int = 0) -> Tensor:
    """A label for each row that is not its own: the hardest question, which few rows yield to."""
    draw = torch.Generator().manual_seed(seed)
    return (rows.y + torch.randint(1, 10, rows.y.shape, generator=draw)) % 10
