"""Which weights unlearning may move: a share of them, the most influential, the least, or any by chance.

A mask is a bool tensor for each parameter, True where the weight may move: `unlearning.unlearn(..., only=mask)`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from unlearning.runner.refusals import Refused

Mask = Mapping[str, Tensor]


def most_influential(scores: Mapping[str, Tensor], *, share: float) -> dict[str, Tensor]:
    """The `share` of all weights with the highest scores, counted over the whole model, ties by place.

    Raises: Refused with SHARE_OUT_OF_RANGE.
    """
    return _top({name: value.float() for name, value in scores.items()}, share)


def least_influential(scores: Mapping[str, Tensor], *, share: float) -> dict[str, Tensor]:
    """The `share` with the lowest: the inverse choice, as a control. Raises: as `most_influential`."""
    return _top({name: -value.float() for name, value in scores.items()}, share)


def at_random(scores: Mapping[str, Tensor], *, share: float, seed: int) -> dict[str, Tensor]:
    """As many, drawn evenly: the control that says whether choosing helps. Raises: as `most_influential`."""
    draw = torch.Generator().manual_seed(seed)
    return _top({name: torch.rand(value.shape, generator=draw) for name, value in scores.items()}, share)


def share_of(mask: Mask) -> float:
    """Share of the weights that may move."""
    total = sum(value.numel() for value in mask.values())
    return sum(int(value.sum()) for value in mask.values()) / total if total else 0.0


def _top(scores: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    if not 0.0 < share <= 1.0:
        raise Refused(
            "SHARE_OUT_OF_RANGE", f"expected a share above 0 and at most 1, got {share}.", "Choose such a one."
        )
    flat = torch.cat([value.reshape(-1) for value in scores.values()])
    picked = torch.zeros_like(flat, dtype=torch.bool)
    # Stable: equal scores must give the same mask on every machine.
    order = torch.sort(flat, descending=True, stable=True).indices
    picked[order[: max(1, round(share * len(flat)))]] = True
    parts = torch.split(picked, [value.numel() for value in scores.values()])
    return {name: part.reshape(value.shape) for (name, value), part in zip(scores.items(), parts, strict=True)}
