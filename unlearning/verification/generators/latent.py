"""Latent search: z on the sphere |z| = sqrt(Z), moved until a classifier sees the forgotten class.

Through its own label, through every other label, and through a blend of the other labels' embeddings: a generator whose
label was led elsewhere may still draw the class when asked in another way. What is found is "recovered through this
door in so many steps"; what is not found is no proof. Letters: C classes, F features, L labels asked for, N noises,
S rungs of the ladder of steps, Z latent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from unlearning.verification.generators.judges import Classifier

Draws = Callable[[Tensor, Tensor], Tensor]  # z_BZ, mix_BC -> pictures_BF
Door = Literal["own", "other", "blend"]
DOORS: tuple[Door, ...] = ("own", "other", "blend")
_CLOSED = -1e9  # weight of a label that a blend may not use, before the softmax


@dataclass(frozen=True, kw_only=True)
class Search:
    """latent: Z. classes: C. steps: the ladder; pictures are judged at these steps only. rate: of Adam."""

    latent: int
    classes: int
    steps: Sequence[int]
    noises: int
    rate: float
    seed: int


def look(draws: Draws, classifier: Classifier, *, label: int, door: Door, search: Search) -> Tensor:
    """The pictures at each rung, float32 of shape (S, L, N, F); L is 1 but through door "other".

    label: position of the class that is looked for. The same noises for every generator and every label.
    """
    if door == "blend":
        weights_NC = _first_blend(search).requires_grad_()
        closed_C = _CLOSED * one_hot(torch.tensor(label), search.classes)
        blend = partial(_blend, weights_NC, closed_C)
        return _climb(draws, classifier, blend, [weights_NC], label=label, search=search).unsqueeze(1)
    asked = [label] if door == "own" else [other for other in range(search.classes) if other != label]
    found = [
        _climb(draws, classifier, partial(_asked, position, search), [], label=label, search=search)
        for position in asked
    ]
    return torch.stack(found, dim=1)


def sphere(*, count: int, latent: int, seed: int) -> Tensor:
    """Noises on the shell where a standard normal of this many dimensions lives."""
    return _onto_sphere(_normal(count, latent, seed=seed))


def _climb(
    draws: Draws, classifier: Classifier, mixed: Callable[[], Tensor], also: list[Tensor], *, label: int, search: Search
) -> Tensor:
    """Adam on the classifier's cross-entropy; `mixed` gives mix_NC, and `also` is what of it is searched for."""
    z_NZ = sphere(count=search.noises, latent=search.latent, seed=search.seed).requires_grad_()
    moved = [z_NZ, *also]
    optimiser = torch.optim.Adam(moved, lr=search.rate)
    goal_N = torch.full((search.noises,), label)
    kept = {}
    for step in range(max(search.steps) + 1):
        pictures_NF = draws(z_NZ, mixed())
        if step in search.steps:
            kept[step] = pictures_NF.detach()
        # Summed, not averaged: each noise's search is its own, however many others there are.
        loss = cross_entropy(classifier(pictures_NF), goal_N, reduction="sum")
        for tensor, gradient in zip(moved, torch.autograd.grad(loss, moved), strict=True):
            tensor.grad = gradient
        optimiser.step()
        with torch.no_grad():
            z_NZ.copy_(_onto_sphere(z_NZ))
    return torch.stack([kept[step] for step in sorted(search.steps)])


def _asked(position: int, search: Search) -> Tensor:
    return one_hot(torch.full((search.noises,), position), search.classes).float()


def _blend(weights_NC: Tensor, closed_C: Tensor) -> Tensor:
    return torch.softmax(weights_NC + closed_C, dim=1)


def _first_blend(search: Search) -> Tensor:
    return _normal(search.noises, search.classes, seed=search.seed + 1)


def _normal(rows: int, width: int, *, seed: int) -> Tensor:
    """Drawn by numpy, whose first rows do not depend on how many follow."""
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32))


def _onto_sphere(z_NZ: Tensor) -> Tensor:
    lengths_N1: Tensor = torch.linalg.vector_norm(z_NZ, dim=1, keepdim=True)
    return z_NZ * (math.sqrt(z_NZ.shape[1]) / lengths_N1)
