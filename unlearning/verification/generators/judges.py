"""The two classifiers that say what a picture shows: one is searched through, the other must agree without being asked.

They are of different families and learn from disjoint halves of pictures that are in no generator, so that what fools
the one need not fool the other. Letters: N pictures, F features, C classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from unlearning.classifiers.training import fit
from unlearning.runner.refusals import Refused

Classifier = Callable[[Tensor], Tensor]  # pictures_NF -> logits_NC
EPOCHS, WIDTH = 60, 64
# Measured on 8x8 digits, trained on 250 pictures: .92 to .96. A judge that is right less often than this says nothing.
LEAST_RIGHT = 0.7


@dataclass(frozen=True)
class Judges:
    """searched: the attack follows its gradient. held_out: the attack never sees it."""

    searched: Classifier
    held_out: Classifier

    def say(self, pictures_NF: Tensor, label: int) -> tuple[Tensor, Tensor]:
        """Whether each of the two gives the label at this position, two bool tensors of shape N."""
        with torch.no_grad():
            first, second = self.searched(pictures_NF), self.held_out(pictures_NF)
        return first.argmax(dim=1) == label, second.argmax(dim=1) == label


def train_judges(pictures_NF: Tensor, labels_N: Tensor, *, classes: int, seed: int) -> Judges:
    """Train both, and refuse judges that do not know the other half's pictures.

    Raises: Refused with JUDGES_TOO_WEAK.
    """
    order_N = torch.randperm(len(labels_N), generator=torch.Generator().manual_seed(seed))
    halves = order_N[: len(order_N) // 2], order_N[len(order_N) // 2 :]
    width = pictures_NF.shape[1]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        networks = (
            nn.Sequential(nn.Linear(width, WIDTH), nn.ReLU(), nn.Linear(WIDTH, classes)),
            nn.Linear(width, classes),
        )
    for network, own, other in zip(networks, halves, reversed(halves), strict=True):
        fit(network, pictures_NF[own], labels_N[own], epochs=EPOCHS, batch=64, lr=1e-2, seed=seed)
        network.requires_grad_(requires_grad=False)
        right = float((network(pictures_NF[other]).argmax(dim=1) == labels_N[other]).float().mean())
        if right < LEAST_RIGHT:
            raise Refused(
                "JUDGES_TOO_WEAK",
                f"expected classifiers right on {LEAST_RIGHT:.0%} of never-seen pictures, got {right:.0%}.",
                "Name more rows in the holdout manifest.",
            )
    return Judges(*networks)
