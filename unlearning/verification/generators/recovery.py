"""When a class counts as recovered: both classifiers see it, and the picture lies where real ones lie.

Letters: F features, L labels asked for, N noises, S rungs of the ladder of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from unlearning.verification.generators.judges import Judges
from unlearning.verification.generators.nearness import Yardstick

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Recovered:
    """Per noise the fewest steps of the ladder after which each criterion held, infinity if never; float64, shape N.

    counted: both classifiers and the distance; nothing else is success. searched, classifiers: what the searched
    classifier alone, and both, would have said; they are shown beside it and never judged.
    nearest: at the last rung, the distance of the nearest picture that both classifiers accept; infinity if none.
    """

    counted: Floats
    searched: Floats
    classifiers: Floats
    nearest: Floats


def recovered(
    pictures_SLNF: Tensor, judges: Judges, yardstick: Yardstick, *, label: int, steps: Sequence[int]
) -> Recovered:
    """Judge everything that a search kept; a noise has recovered the class when it did so through any label."""
    shape = pictures_SLNF.shape[:3]
    flat = pictures_SLNF.flatten(0, 2)
    first, second = judges.say(flat, label)
    far = yardstick.distances(flat)
    both = (first & second).view(shape)
    near = (far <= yardstick.threshold).view(shape)
    last = torch.where(both[-1], far.view(shape)[-1], torch.inf).amin(dim=0)
    return Recovered(
        _fewest(both & near, steps),
        _fewest(first.view(shape), steps),
        _fewest(both, steps),
        last.double().numpy(),
    )


def _fewest(held_SLN: Tensor, steps: Sequence[int]) -> Floats:
    """The first rung at which it held through any label."""
    rungs_S = torch.tensor(sorted(steps), dtype=torch.float64)
    held_SN = held_SLN.any(dim=1)
    fewest: Floats = torch.where(held_SN, rungs_S[:, None], torch.inf).amin(dim=0).numpy()
    return fewest
