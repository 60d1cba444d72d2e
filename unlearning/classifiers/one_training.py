"""One training of one seed, as engine `classifier.train` and each child of `classifier.references` do it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from unlearning.classifiers.inputs import Prepared
from unlearning.classifiers.network import Architecture, Network, build
from unlearning.classifiers.training import Told, fit
from unlearning.runner.refusals import Refused

_RECIPE = ("epochs", "batch", "lr", "weight_decay")


def trained(
    architecture: Architecture, rows: Prepared, params: Mapping[str, Any], *, seed: int, progress: Told
) -> Network:
    """A network built and trained from its seed alone.

    Raises: Refused with TRAINING_DIVERGED.
    """
    network = build(architecture, seed=seed)
    recipe = {name: params[name] for name in _RECIPE}
    return sound(fit(network, torch.from_numpy(rows.x), rows.y, **recipe, seed=seed, progress=progress))


def sound(network: Network) -> Network:
    """The network itself, if all its weights are finite.

    Raises: Refused with TRAINING_DIVERGED.
    """
    if not all(bool(torch.isfinite(value).all()) for value in network.state_dict().values()):
        raise Refused("TRAINING_DIVERGED", "expected finite weights, got NaN or infinity.", "Choose a smaller lr.")
    return network
