"""The plain loop that ours is measured against: NPO as a tutorial would write it.

A second model as the reference, run at every step; logits at every position; batches in random order, padded to their
longest row; one pass for the rows to forget and one for the rows to keep; AdamW as torch gives it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.language.material import MOST_TOKENS, Material, random_batches
from unlearning.language.batching import Batch, collated
from unlearning.language.encoding import Encoded, encode
from unlearning.language.models import LanguageModel

BETA, LR = 0.1, 1e-4


def plain_npo(
    lm: LanguageModel, material: Material, *, steps: int, told: Callable[[int, int], None] | None = None
) -> list[float]:
    """The loss of each step. The model is changed in place; told hears (step, steps) after each."""
    model = lm.model
    reference = copy.deepcopy(model).eval().requires_grad_(False)
    forget, retain = (
        encode(lm.tokenizer, rows, template="plain", most_tokens=MOST_TOKENS)
        for rows in (material.forget, material.retain)
    )
    optimiser = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=0.0)
    orders = (random_batches(len(side), steps=steps, seed=seed) for side, seed in ((forget, 1), (retain, 2)))
    pairs = zip(*orders, strict=True)
    model.train()
    losses = []
    for forgotten, kept in pairs:
        rows = [forget[at] for at in forgotten], [retain[at] for at in kept]
        losses.append(_step(model, reference, optimiser, *rows))
        if told is not None:
            told(len(losses), steps)
    return losses


def _step(model: Any, reference: Any, optimiser: Any, forget: list[Encoded], retain: list[Encoded]) -> float:
    forgotten, kept = collated(forget), collated(retain)
    nll_B = _nll(model, forgotten)[0]
    with torch.no_grad():
        before_B = _nll(reference, forgotten)[0]
    sums_B, counts_B = _nll(model, kept)
    loss = -2 / BETA * functional.logsigmoid(BETA * (nll_B - before_B)).mean() + sums_B.sum() / counts_B.sum()
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call] # torch leaves it bare
    optimiser.step()
    return float(loss.detach())


def _nll(model: Any, batch: Batch) -> tuple[Tensor, Tensor]:
    """Sums over the answers and their lengths, from the logits of every position."""
    logits_BTV = model(input_ids=batch.ids_BT, attention_mask=batch.mask_BT, use_cache=False).logits
    wanted_BT = batch.ids_BT[:, 1:].masked_fill(~batch.answers_BT[:, 1:], -100)
    losses_BT = functional.cross_entropy(
        logits_BTV[:, :-1].float().transpose(1, 2), wanted_BT, ignore_index=-100, reduction="none"
    )
    return losses_BT.sum(1), batch.answers_BT[:, 1:].sum(1)
