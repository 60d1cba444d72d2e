"""Fine-tuning: go on training on the rows to keep, and hope that the others fade (catastrophic forgetting).

Golatkar, Achille, Soatto, "Eternal Sunshine of the Spotless Net" (CVPR 2020), the fine-tuning baseline:

    min_w  E_(x,y) in retain  CE(f_w(x), y)

It never sees a row to forget, and cannot know whether anything was forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.nn import functional

from unlearning.classifiers.unlearning_loop import Forgetting, descend, kept, steps_of


def loss(logits_BC: Tensor, y_B: Tensor) -> Tensor:
    """Mean cross-entropy on rows to keep."""
    return functional.cross_entropy(logits_BC, y_B)


def unlearn(given: Forgetting, options: Mapping[str, Any]) -> None:
    """`epochs` passes over the rows to keep."""
    passes = {"epochs": options["epochs"], "batch": options["batch"]}

    def of(rows_B: Tensor) -> Tensor:
        return loss(given.network(given.retain.x[rows_B]), given.retain.y[rows_B])

    descend(given, kept(given, **passes), of, steps=steps_of(given.retain, **passes), lr=options["lr"])
