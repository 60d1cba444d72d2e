"""Soft prompts: an embedding per token of the trigger, moved freely, each row its own, all rows in one pass.

Stronger than anything that can be typed: what no soft prompt opens, no suffix of as many tokens does, if the search is
good (arXiv 2402.09063 attacks unlearned models so). Letters: B rows, N tokens of the trigger, D width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from unlearning.language.encoding import Encoded
from unlearning.verification.language.attacks.triggers import (
    Aim,
    Placed,
    frozen,
    in_parts,
    losses,
    opened,
    placed,
    seen_part,
)


@dataclass(frozen=True, kw_only=True)
class Softness:
    """How hard it tries: Adam for so many steps from the middle of the vocabulary.

    lr: in units of the embeddings' own spread, so that it does not hang on a model's scale.
    """

    tokens: tuple[int, ...] = (1, 2, 4)
    steps: int = 80
    lr: float = 0.25


def soft_bits(
    model: nn.Module, rows: Sequence[Encoded], *, tokens: int, how: Softness, aim: Aim, tail: int, batch: int, seed: int
) -> list[int]:
    """Per row, is it recovered with a soft prompt of so many tokens? The model is left as it was."""
    undo = frozen(model)
    bits: list[int] = []
    try:
        for first, last in in_parts(len(rows), batch=batch):
            part = rows[first:last]
            seen = placed([seen_part(row, aim) for row in part], tokens=tokens, tail=tail)
            trigger_BND = _searched(model, seen, how=how, seed=seed)
            bits += opened(model, part, trigger_BND, aim=aim, tail=tail)
    finally:
        undo()
    return bits


def _searched(model: nn.Module, rows: Placed, *, how: Softness, seed: int) -> Tensor:
    """The best trigger of each row that the search came by."""
    table_VD = model.get_input_embeddings().weight.detach()  # type: ignore[operator] # untyped there
    spread = float(table_VD.float().std())
    draw = torch.Generator().manual_seed(seed)
    start_ND = spread * 0.1 * torch.randn(rows.places.shape[1], table_VD.shape[1], generator=draw)
    trigger_BND = (start_ND.to(table_VD.device) + table_VD.float().mean(0)).repeat(len(rows), 1, 1).requires_grad_(True)
    optimiser = torch.optim.Adam([trigger_BND], lr=how.lr * spread)
    best_BND: Tensor = trigger_BND.detach().clone()
    least_B = torch.full((len(rows),), torch.inf, device=table_VD.device)
    for step in range(how.steps + 1):
        losses_B = losses(model, rows, trigger_BND)
        better_B = losses_B.detach() < least_B
        best_BND[better_B], least_B[better_B] = trigger_BND.detach()[better_B], losses_B.detach()[better_B]
        if step < how.steps:
            optimiser.zero_grad(set_to_none=True)
            losses_B.sum().backward()  # type: ignore[no-untyped-call] # torch leaves it bare
            optimiser.step()
    return best_BND
