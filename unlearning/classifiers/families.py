"""The bodies of the three families, rows to penultimate features. Letters: B batch, C channels, D features, T tokens.

No batch norm: its running statistics are numbers about people that no unlearning step touches, and they tie the answer
for one row to the others of its batch. No dropout: attacks and references want one function, not a random one.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from unlearning.classifiers.architecture import Architecture

GROUPS = 4  # channels are normalised in at most so many groups, each row by itself


def body_of(made: Architecture) -> tuple[nn.Module, int]:
    """The part below the head, and how many features D it gives."""
    return _BODIES[made.family](made)


def _mlp(made: Architecture) -> tuple[nn.Module, int]:
    sizes = [made.shape[0], *[made.width] * made.depth]
    layers: list[nn.Module] = []
    for before, after in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers), made.width


def _cnn(made: Architecture) -> tuple[nn.Module, int]:
    """`depth` convolutions, the width doubling and the picture halving after each but the first; then one layer."""
    channels, side = made.shape[0], list(made.shape[1:])
    layers: list[nn.Module] = []
    for level in range(made.depth):
        width = made.width * 2 ** min(level, 3)
        stride = 1 if level == 0 or min(side) < 2 else 2
        layers += [nn.Conv2d(channels, width, 3, stride=stride, padding=1)]
        layers += [nn.GroupNorm(int(np.gcd(GROUPS, width)), width), nn.ReLU()]
        channels, side = width, [(length + stride - 1) // stride for length in side]
    layers += [nn.Flatten(), nn.Linear(channels * side[0] * side[1], 4 * made.width), nn.ReLU()]
    return nn.Sequential(*layers), 4 * made.width


def _vit(made: Architecture) -> tuple[nn.Module, int]:
    return nn.Sequential(_Patches(made), *[_Block(made) for _ in range(made.depth)], _Mean(made.width)), made.width


class _Patches(nn.Module):
    """A picture as tokens_BTD: square patches through one linear layer, each with its learned place."""

    def __init__(self, made: Architecture) -> None:
        super().__init__()
        channels, height, width = made.shape
        self.patch = made.patch
        self.embed = nn.Linear(channels * made.patch**2, made.width)
        self.places_TD = nn.Parameter(0.02 * torch.randn((height // made.patch) * (width // made.patch), made.width))

    def forward(self, x_BCHW: Tensor) -> Tensor:
        patches_BTP = functional.unfold(x_BCHW, self.patch, stride=self.patch).transpose(1, 2)
        tokens_BTD: Tensor = self.embed(patches_BTP) + self.places_TD
        return tokens_BTD


class _Block(nn.Module):
    """One pre-norm transformer block."""

    def __init__(self, made: Architecture) -> None:
        super().__init__()
        self.heads = made.heads
        self.before, self.between = nn.LayerNorm(made.width), nn.LayerNorm(made.width)
        self.mix, self.out = nn.Linear(made.width, 3 * made.width), nn.Linear(made.width, made.width)
        self.think = nn.Sequential(
            nn.Linear(made.width, 2 * made.width), nn.ReLU(), nn.Linear(2 * made.width, made.width)
        )

    def forward(self, tokens_BTD: Tensor) -> Tensor:
        parts = self.mix(self.before(tokens_BTD)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2])
        tokens_BTD = tokens_BTD + self.out(attended.transpose(1, 2).flatten(2))
        thought: Tensor = tokens_BTD + self.think(self.between(tokens_BTD))
        return thought


class _Mean(nn.Module):
    """Normalise the tokens and average them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens_BTD: Tensor) -> Tensor:
        mean_BD: Tensor = self.norm(tokens_BTD).mean(dim=1)
        return mean_BD


_BODIES = {"mlp": _mlp, "cnn": _cnn, "vit": _vit}
