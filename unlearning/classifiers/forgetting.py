"""The Python door to all methods of unlearning, for any torch classifier that gives logits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor

from unlearning.catalog import validate_params, with_defaults
from unlearning.classifiers.methods import (
    adversarial,
    finetune,
    gradient_ascent,
    l1_sparse,
    neggrad_plus,
    random_label,
    salun,
    scrub,
)
from unlearning.classifiers.training import Labels, Module, Told, positions
from unlearning.classifiers.unlearning_loop import Forgetting, Side
from unlearning.runner.refusals import Refused

ENGINE = "classifier.unlearn"
METHODS: dict[str, Callable[[Forgetting, Mapping[str, Any]], None]] = {
    "adversarial": adversarial.unlearn,
    "finetune": finetune.unlearn,
    "gradient_ascent": gradient_ascent.unlearn,
    "l1_sparse": l1_sparse.unlearn,
    "neggrad_plus": neggrad_plus.unlearn,
    "random_label": random_label.unlearn,
    "salun": salun.unlearn,
    "scrub": scrub.unlearn,
}
Rows = tuple[Tensor, Labels]


def unlearn(
    module: Module,
    *,
    method: str,
    forget: Rows,
    retain: Rows,
    seed: int = 0,
    progress: Told | None = None,
    **options: Any,
) -> Module:
    """A copy of the module that went through one method; the module itself is left as it was.

    forget, retain: x (N, ...) as the module takes it and y (N,) positions among its logits; single records or whole
    classes. options: those of the method (`unlearning/parameters/methods.py`), else its defaults. The claim is
    `unlearned_approximately`: whether anything is left is for an attack to say.
    Raises: WrongParamsError for an unknown method or option; Refused with NO_ROWS, LABEL_UNKNOWN, NOT_A_CLASSIFIER or
    TRAINING_DIVERGED.

    >>> from unlearning.classifiers.forgetting import unlearn
    >>> net = torch.nn.Linear(2, 2)
    >>> x, y = torch.eye(2), torch.tensor([0, 1])
    >>> lighter = unlearn(net, method="finetune", forget=(x[:1], y[:1]), retain=(x[1:], y[1:]), epochs=1)
    """
    asked = {"method": method, "seed": seed, **options}
    validate_params(ENGINE, asked)
    copied = deepcopy(module)
    sides = [Side(x, positions(y, like=x)) for x, y in (forget, retain)]
    given = Forgetting(copied, sides[0], sides[1], _classes(copied, sides), seed, progress or _silent)
    METHODS[method](given, with_defaults(ENGINE, asked))
    if not all(bool(torch.isfinite(value).all()) for value in copied.state_dict().values()):
        raise Refused("TRAINING_DIVERGED", "expected finite weights, got NaN or infinity.", "Choose a smaller lr.")
    return copied.eval()


def _classes(module: Module, sides: list[Side]) -> int:
    """How many logits there are."""
    if not all(len(side) for side in sides):
        raise Refused("NO_ROWS", "expected rows to forget and rows to keep, got none of one.", "Name some of both.")
    with torch.no_grad():
        logits_BC = module.eval()(sides[0].x[:1])
    classes = int(logits_BC.shape[-1])
    if logits_BC.ndim != 2 or classes < 2:
        raise Refused("NOT_A_CLASSIFIER", "expected at least two logits for each row, got others.", "Give logits.")
    if any(int(side.y.min()) < 0 or int(side.y.max()) >= classes for side in sides):
        raise Refused("LABEL_UNKNOWN", "some row has a position outside the module's logits.", "Give positions.")
    return classes


def _silent(_step: int, _steps: int) -> None:
    """Nobody asked."""
