"""Job folders for the network attack, small networks trained once, one thread."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from tests.made_once import made_once
from tests.unlearning.conftest import dataset, lay_out, run_here
from unlearning.classifiers.network import Network, build, load_network, save_network
from unlearning.classifiers.tasks import Task, digits_architecture, records_task
from unlearning.classifiers.training import fit
from unlearning.datasets import Rows, write_rows
from unlearning.verification.network_arms import NetworkModels, NetworkProbe

__all__ = ["dataset", "lay_out", "run_here"]
torch.set_num_threads(1)
EPOCHS = 30


@dataclass(frozen=True)
class World:
    """The records task with a model of everything, one fine-tuned to forget, and models that never held the records."""

    task: Task
    original: Network
    finetuned: Network
    retrained: tuple[Network, ...]

    @property
    def deleted(self) -> NetworkProbe:
        return self.rows(self.task.train.at(self.task.forget))

    @property
    def unseen(self) -> NetworkProbe:
        return self.rows(self.task.unseen)

    def rows(self, part):
        labels = self.original.architecture.positions(part.y)
        return NetworkProbe(self.original.scaled(part.x), torch.from_numpy(labels))

    def models(self, candidate):
        return NetworkModels(candidate, self.original, self.retrained)


def make_world(*, seed, references, width=8, epochs=EPOCHS):
    """A CPU second for each model: thirty passes learn the planted labels by heart, twenty more forget most of them."""
    task = records_task(seed=seed)
    architecture = digits_architecture(width=width)
    original = build(architecture, seed=seed)
    x, y = original.scaled(task.train.x), architecture.positions(task.train.y)
    kept = task.retain
    fit(original, x, y, epochs=epochs, seed=seed)
    finetuned = fit(copy.deepcopy(original), x[kept], y[kept], epochs=20, lr=1e-3, seed=seed)
    retrained = [
        fit(build(architecture, seed=100 * seed + k), x[kept], y[kept], epochs=epochs, seed=100 * seed + k)
        for k in range(1, references + 1)
    ]
    return World(task, original, finetuned, tuple(retrained))


def save_world(place):
    made = make_world(seed=0, references=2)
    networks = {"original": made.original, "finetuned": made.finetuned}
    for name, network in {**networks, **{f"retrained_{k}": one for k, one in enumerate(made.retrained)}}.items():
        save_network(place / name, network)


@pytest.fixture(scope="session")
def world():
    """Trained once a run of the tests, whichever of its processes comes first; to the bit what `make_world` gives."""
    place = made_once("attacked-networks", save_world)
    retrained = tuple(load_network(place / f"retrained_{k}") for k in range(2))
    return World(records_task(seed=0), *(load_network(place / name) for name in ("original", "finetuned")), retrained)


@pytest.fixture(scope="session")
def objects(world, tmp_path_factory):
    """The same world as the engine takes it: paths of inputs by name, and the manifests."""
    folder = tmp_path_factory.mktemp("objects")
    task, unseen = world.task, world.task.unseen
    for name, part in (("features", task.train), ("holdout", unseen)):
        write_rows(folder / f"{name}.parquet", Rows(np.arange(len(part)), part.y, part.x))
    for name, network in (("original", world.original), ("candidate", world.finetuned)):
        save_network(folder / name, network)
    for k, network in enumerate(world.retrained):
        save_network(folder / "references" / f"seed_{k}", network)
    inputs = {name: folder / name for name in ("original", "candidate", "references")}
    inputs |= {name: folder / f"{name}.parquet" for name in ("features", "holdout")}
    manifests = {
        "forget": {"features": task.forget.tolist()},
        "retain": {"features": task.retain.tolist()},
        "holdout": {"holdout": list(range(len(unseen)))},
    }
    return inputs, manifests
