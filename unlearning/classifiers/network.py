"""Networks for tables and pictures, and their file. Letters: B batch, C classes, D features, N rows, F raw features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from unlearning.classifiers.architecture import Architecture
from unlearning.classifiers.families import body_of
from unlearning.described_weights import read_described, refuse_unfit, write_described
from unlearning.runner.refusals import Refused

__all__ = ["Architecture", "Network", "build", "load_network", "save_network"]

FORMAT = "obelus/network/1"
FILE = "model.safetensors"
_ANOTHER = "Give a folder that a classifier engine wrote."


class Network(nn.Module):
    """logits = head(features(x)), x of shape (B, *shape) already scaled."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.body, width = body_of(architecture)
        self.head = nn.Linear(width, len(architecture.classes))

    def features(self, x_B: Tensor) -> Tensor:
        """The penultimate layer, features_BD."""
        found: Tensor = self.body(x_B)
        return found

    def forward(self, x_B: Tensor) -> Tensor:
        """Logits_BC, in the order of `architecture.classes`."""
        logits_BC: Tensor = self.head(self.features(x_B))
        return logits_BC

    def scaled(self, features_NF: npt.NDArray[np.float64]) -> Tensor:
        """Raw rows as the float32 tensor (N, *shape) that the network takes.

        Raises: Refused with WIDTH_MISMATCH or FEATURES_NOT_FINITE.
        """
        return torch.from_numpy(self.architecture.scaled(features_NF))


def build(architecture: Architecture, *, seed: int) -> Network:
    """A network with random weights drawn from the seed alone, in eval mode; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Network(architecture).eval()


def save_network(folder: Path, network: Network) -> None:
    """Write the weights as float32 into a new folder; equal networks give equal bytes."""
    folder.mkdir(parents=True)
    write_described(folder / FILE, network.state_dict(), {"format": FORMAT, **network.architecture.as_params()})


def load_network(folder: Path) -> Network:
    """Read a network back, in eval mode.

    Raises: Refused with MODEL_UNREADABLE.
    """
    public, tensors = read_described(folder / FILE, kind=FORMAT, remedy=_ANOTHER)
    try:
        architecture = Architecture.from_params(public)
    except (Refused, TypeError, ValueError, OverflowError) as error:
        raise Refused("MODEL_UNREADABLE", f"expected a sound architecture in {FILE}.", _ANOTHER) from error
    # Without storage first: metadata that lies about sizes must not make us reserve them.
    with torch.device("meta"):
        network = Network(architecture)
    expected = {name: value.shape for name, value in network.state_dict().items()}
    refuse_unfit(tensors, expected, remedy=_ANOTHER)
    network.load_state_dict(tensors, assign=True)
    return network.eval()
