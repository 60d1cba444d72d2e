"""Whom the audits attack: the code that takes the noisy steps, and the code that says what they cost.

The real ones by default. Tests put broken ones in their place, because an audit that cannot fail is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from unlearning.accounting import Price, price
from unlearning.certified.constants import Constants
from unlearning.certified.rows import Part

Floats = npt.NDArray[np.float64]
AfterStep = Callable[[int], None]


class Engine(Protocol):
    """The noisy steps, batched: every row of `start` is a run of its own unless the gradient ties them together."""

    def __call__(self, start: Floats, *, gradient: Any, constants: Constants, after_step: AfterStep) -> Floats:
        """The last iterates, in the shape of `start`. gradient: theta -> the sum of the row gradients, in torch."""


def certified_engine(start: Floats, *, gradient: Any, constants: Constants, after_step: AfterStep) -> Floats:
    """The steps that every certified job takes, with their own unseeded noise."""
    import torch

    from unlearning.certified.steps import noisy_steps

    theta = torch.from_numpy(np.ascontiguousarray(start, dtype=np.float64))
    no_rows = torch.empty((0, theta.shape[1]), dtype=torch.float64)
    last = noisy_steps(
        theta,
        no_rows,
        no_rows,
        gradient=lambda now, _rows, _targets: gradient(now),
        constants=constants,
        after_step=after_step,
    )
    return np.asarray(last.numpy(), dtype=np.float64)


class CyclicEngine(Protocol):
    """The steps over rows in cyclic mini-batches, under the linear loss -x theta: each row of `start` is a run."""

    def __call__(self, start: Floats, *, rows: Part, constants: Constants, after_step: AfterStep) -> Floats:
        """The last iterates, in the shape of `start` (one more column than the rows have features: the bias)."""


def certified_cyclic_engine(start: Floats, *, rows: Part, constants: Constants, after_step: AfterStep) -> Floats:
    """The real steps, batches and kernel. The runs lie where a model's outputs would, so each has its own noise."""
    import torch

    from unlearning.certified.rows import batches_of
    from unlearning.certified.steps import steps_over

    last = steps_over(
        torch.from_numpy(np.ascontiguousarray(start, dtype=np.float64)),
        batches_of([rows], constants),
        excess=lambda logits, _positions: torch.full_like(logits, -1.0),
        constants=constants,
        after_step=after_step,
    )
    return np.asarray(last.numpy(), dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """An engine and the accountant that certifies it."""

    engine: Engine = certified_engine
    cyclic: CyclicEngine = certified_cyclic_engine
    price: Callable[..., Price] = price
