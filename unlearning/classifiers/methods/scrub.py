"""SCRUB: a student that leaves the original's answers on the rows to forget and stays with them on the rows to keep.

Kurmanji et al., "Towards Unbounded Machine Unlearning" (NeurIPS 2023), SCRUB. With the original as teacher o and
d(x; w) = KL( p(f_o(x)) || p(f_w(x)) ), in each of the first `max_epochs` epochs first a pass of

    max_w  E_forget d(x; w)

and in every epoch a pass of

    min_w  alpha E_retain d(x; w)  +  gamma E_retain CE(f_w(x), y)

Ours has no temperature and no rewinding: stopping by the error on deleted rows is gradient ascent's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from unlearning.classifiers.training import shuffled
from unlearning.classifiers.unlearning_loop import Forgetting, descend, steps_of

Turn = tuple[Literal["leave", "stay"], Tensor]


def distance(teacher_BC: Tensor, student_BC: Tensor) -> Tensor:
    """Mean over the rows of KL(teacher || student), in nats, from logits."""
    given_BC, found_BC = teacher_BC.log_softmax(dim=1), student_BC.log_softmax(dim=1)
    return functional.kl_div(found_BC, given_BC, reduction="batchmean", log_target=True)


def staying(teacher_BC: Tensor, student_BC: Tensor, y_B: Tensor, *, alpha: float, gamma: float) -> Tensor:
    """What the minimising pass takes down, on rows to keep."""
    return alpha * distance(teacher_BC, student_BC) + gamma * functional.cross_entropy(student_BC, y_B)


def unlearn(given: Forgetting, options: Mapping[str, Any]) -> None:
    """Alternate the two passes; the original answers are kept beside the student until the end."""
    teacher = deepcopy(given.network).eval()
    steps = steps_of(given.retain, epochs=options["epochs"], batch=options["batch"])
    leaving = min(options["max_epochs"], options["epochs"])
    steps += steps_of(given.forget, epochs=leaving, batch=options["batch"])

    def of(turn: Turn) -> Tensor:
        kind, rows_B = turn
        side = given.forget if kind == "leave" else given.retain
        teacher_BC, student_BC = _answers(teacher, side.x[rows_B]), given.network(side.x[rows_B])
        if kind == "leave":
            return -distance(teacher_BC, student_BC)
        return staying(teacher_BC, student_BC, side.y[rows_B], alpha=options["alpha"], gamma=options["gamma"])

    descend(given, _turns(given, options), of, steps=steps, lr=options["lr"])


def _answers(teacher: nn.Module, x_B: Tensor) -> Tensor:
    with torch.no_grad():
        logits_BC: Tensor = teacher(x_B)
    return logits_BC


def _turns(given: Forgetting, options: Mapping[str, Any]) -> Iterator[Turn]:
    for epoch in range(options["epochs"]):
        one_pass = {"epochs": 1, "batch": options["batch"], "seed": given.seed + epoch}
        if epoch < options["max_epochs"]:
            yield from (("leave", rows_B) for rows_B in shuffled(len(given.forget), **one_pass))
        yield from (("stay", rows_B) for rows_B in shuffled(len(given.retain), **one_pass))
