"""The rows a probe of a network looks at, and what it needs of a network beyond logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from unlearning.runner.refusals import Refused
from unlearning.verification.ascent import Logits
from unlearning.verification.network_arms import NetworkModels, NetworkProbe


@dataclass(frozen=True)
class BlindSide:
    """Rows of one comparison, scaled as the networks take them.

    deleted: the forgotten rows, or the canaries. unseen: never-seen rows like them (the holdout, or the canaries'
    twins). fitting: never-seen rows with true labels of every class, on which the feature probes are fitted (the
    holdout; where it is `unseen` too, those are cross-fitted). retained: rows that stay, for the retain-only steps.
    """

    deleted: NetworkProbe
    unseen: NetworkProbe
    fitting: NetworkProbe
    retained: NetworkProbe


@runtime_checkable
class Layered(Protocol):
    """A network whose penultimate layer can be read."""

    def features(self, x_B: Tensor) -> Tensor:
        """features_BD."""
        ...


def named_models(models: NetworkModels) -> list[tuple[str, str, Logits]]:
    """(arm on deleted rows, arm on never-seen rows, model); the original has no arm on never-seen rows: ""."""
    controls = [(f"B:{k}", f"D:{k}", model) for k, model in enumerate(models.references)]
    return [("A", "C", models.candidate), *controls, ("P", "", models.original)]


def trainable(model: Logits) -> nn.Module:
    """The model as something whose weights can be trained.

    Raises: Refused with NOT_TRAINABLE.
    """
    if not isinstance(model, nn.Module):
        raise Refused("NOT_TRAINABLE", "relearning expects torch modules, got a function.", "Give the network itself.")
    return model


def penultimate(model: Logits, x_N: Tensor, *, batch: int = 512) -> Tensor:
    """features_ND of rows, float64, without gradients.

    Raises: Refused with FEATURES_UNKNOWN.
    """
    if not isinstance(model, Layered):
        raise Refused(
            "FEATURES_UNKNOWN",
            "feature probes expect a network with a `features` method, got one without.",
            "Give the network one, or leave probe.linear and probe.centroid out.",
        )
    with torch.no_grad():
        parts = [model.features(rows).flatten(1).double().cpu() for rows in torch.split(x_N, batch)]
    return torch.cat(parts)
