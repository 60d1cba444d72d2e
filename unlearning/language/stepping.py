"""Taking back a part of the last step, without a copy of the weights: Adam's state says what the step was."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch


def walk_back(optimiser: torch.optim.AdamW, share: float) -> None:
    """Undo this share of the last step of every weight; a negative share goes forward again. Decay is not undone."""
    with torch.no_grad():
        for group in optimiser.param_groups:
            first, second = group["betas"]
            for weight in group["params"]:
                state = optimiser.state.get(weight)
                # A weight without a gradient was not moved by the last step, but may have a state from earlier ones.
                if not state or weight.grad is None:
                    continue
                steps = float(state["step"])
                scale = share * group["lr"] / (1 - first**steps)
                spread = state["exp_avg_sq"].sqrt().div_(math.sqrt(1 - second**steps)).add_(group["eps"])
                weight.addcdiv_(state["exp_avg"], spread, value=scale)


def bisected(optimiser: torch.optim.AdamW, beyond: Callable[[], float], *, slack: float, halvings: int = 10) -> None:
    """Stand somewhere on the last step where `beyond` is between 0 and slack, if that can be found.

    beyond(): how far the weights as they are have gone past the target; the whole step has gone past it by more than
    slack. If no such place is found, the nearest one past the target is taken.
    """
    place, low, high = 1.0, 0.0, 1.0
    for _ in range(halvings):
        middle = (low + high) / 2
        walk_back(optimiser, place - middle)
        place = middle
        gone = beyond()
        if 0 <= gone <= slack:
            return
        low, high = (place, high) if gone < 0 else (low, place)
    if place != high:
        walk_back(optimiser, place - high)
        beyond()


def halt(optimiser: torch.optim.AdamW) -> None:
    """Forget the way the last steps went: a push that has reached its target must not go on by its own momentum."""
    for state in optimiser.state.values():
        state["exp_avg"].zero_()
