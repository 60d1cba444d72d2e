"""Gradient ascent: climb the loss of the rows to forget until few of them are still right.

Golatkar et al. (CVPR 2020) and Graves, Nagisetty, Ganesh, "Amnesiac Machine Learning" (AAAI 2021), the negative
gradient baseline:

    max_w  E_(x,y) in forget  CE(f_w(x), y)

The loss has no upper bound, so it must be stopped, and it is stopped by looking at the rows to forget. That is choosing
by deleted rows, which no certified engine may do; this one claims `unlearned_approximately`, where an attack judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor
from torch.nn import functional

from unlearning.classifiers.training import shuffled
from unlearning.classifiers.unlearning_loop import Forgetting, descend, share_right, steps_of


def loss(logits_BC: Tensor, y_B: Tensor) -> Tensor:
    """Minus the mean cross-entropy on rows to forget."""
    return -functional.cross_entropy(logits_BC, y_B)


def unlearn(given: Forgetting, options: Mapping[str, Any]) -> None:
    """At most `epochs` passes; ends when the share still right is at most `stop_accuracy` (default: chance)."""
    threshold = options.get("stop_accuracy", 1.0 / given.classes)
    passes = {"epochs": options["epochs"], "batch": options["batch"]}

    def of(rows_B: Tensor) -> Tensor:
        return loss(given.network(given.forget.x[rows_B]), given.forget.y[rows_B])

    def forgotten() -> bool:
        return share_right(given.network, given.forget) <= float(threshold)

    rows = shuffled(len(given.forget), **passes, seed=given.seed)
    descend(given, rows, of, steps=steps_of(given.forget, **passes), lr=options["lr"], until=forgotten)
