"""Networks for tables and pictures, and their file. Letters: B batch, C classes, D features, N rows, F raw features."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from unlearning.classifiers.architecture import Architecture
from unlearning.classifiers.families import body_of
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
    tensors = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    public = {"format": FORMAT, **network.architecture.as_params()}
    # One metadata key only: the library writes several in no fixed order, and equal models must have equal bytes.
    text = json.dumps(public, sort_keys=True, separators=(",", ":"), allow_nan=False)
    save_file(tensors, folder / FILE, metadata={"obelus": text})


def load_network(folder: Path) -> Network:
    """Read a network back, in eval mode.

    Raises: Refused with MODEL_UNREADABLE.
    """
    public, tensors = _read(folder / FILE)
    try:
        architecture = Architecture.from_params(public)
    except (Refused, TypeError, ValueError, OverflowError) as error:
        raise Refused("MODEL_UNREADABLE", f"expected a sound architecture in {FILE}.", _ANOTHER) from error
    # Without storage first: metadata that lies about sizes must not make us reserve them.
    with torch.device("meta"):
        network = Network(architecture)
    expected = {name: value.shape for name, value in network.state_dict().items()}
    if {name: value.shape for name, value in tensors.items()} != expected:
        raise Refused("MODEL_UNREADABLE", "expected the weights that the architecture names, got others.", _ANOTHER)
    if any(value.dtype != torch.float32 for value in tensors.values()):
        raise Refused("MODEL_UNREADABLE", "expected float32 weights, got others.", _ANOTHER)
    if not all(bool(torch.isfinite(value).all()) for value in tensors.values()):
        raise Refused("MODEL_UNREADABLE", "expected finite weights, found NaN or infinity.", _ANOTHER)
    network.load_state_dict(tensors, assign=True)
    return network.eval()


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, "pt") as file:
            public = json.loads((file.metadata() or {})["obelus"])
            # Cloned: the library's tensors lie in the mapped file, which may be replaced under us.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise Refused("MODEL_UNREADABLE", f"expected {FILE} of format {FORMAT}.", _ANOTHER) from error
    if not isinstance(public, dict) or public.get("format") != FORMAT:
        raise Refused("MODEL_UNREADABLE", f"expected format {FORMAT}, got another.", _ANOTHER)
    return public, tensors
