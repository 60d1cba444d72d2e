"""How near to real pictures is near enough? Fixed from real pictures alone, before any generator is looked at.

A latent and a differentiable classifier make adversarial pictures: classifiers' applause is no evidence that a picture
is remembered. Letters: N, M, R pictures, F features.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from unlearning.runner.refusals import Refused

FEWEST = 8  # pictures on either side: fewer make no distribution of distances


@dataclass(frozen=True)
class Yardstick:
    """real: the pictures that must not come back, shape (R, F). unit: what nearest distances are divided by.

    threshold: in that unit; a generated picture counts as real when it is no further from the nearest real one.
    """

    real: Tensor
    unit: float
    threshold: float

    def distances(self, pictures_NF: Tensor) -> Tensor:
        """Distance of each picture to the nearest real one, in units; shape N."""
        return torch.cdist(pictures_NF, self.real).amin(dim=1) / self.unit


def yardstick(real_RF: Tensor, others_MF: Tensor, *, nearness: float) -> Yardstick:
    """From the class's pictures and as many others of the class that are in no model as there are.

    unit: the median distance of one of the others to its nearest real picture. threshold: the `nearness` quantile of
    those distances, so that at 0.75 a generated picture must lie as near as three quarters of real pictures do.
    Raises: Refused with TOO_FEW_PICTURES or PICTURES_REPEATED.
    """
    if min(len(real_RF), len(others_MF)) < FEWEST:
        raise Refused(
            "TOO_FEW_PICTURES",
            f"expected at least {FEWEST} pictures of the class deleted and never seen, got fewer.",
            "Name more rows of the class in the forget and holdout manifests.",
        )
    nearest_M = torch.cdist(others_MF, real_RF).amin(dim=1)
    unit = float(nearest_M.median())
    if unit == 0.0:
        raise Refused(
            "PICTURES_REPEATED",
            "expected never-seen pictures that differ from the deleted ones, found most of them among those.",
            "Name rows in the holdout manifest that were in no model.",
        )
    return Yardstick(real_RF, unit, float(torch.quantile(nearest_M, nearness)) / unit)
