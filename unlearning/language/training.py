"""Fine-tuning on answers: AdamW, and a loss that is the mean over the answer tokens of the whole batch.

Letters: B rows of a micro-batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from unlearning.language.batching import batches, collated
from unlearning.language.encoding import Encoded, Template, encode
from unlearning.language.models import LanguageModel
from unlearning.language.scoring import answer_nll, finite
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow

Told = Callable[[int, int], None]  # called with (step, steps) after each step
BETAS = (0.9, 0.999)
_MOST_NORM = 1.0


@dataclass(frozen=True)
class Fitted:
    """What a training came to. nll: mean over answer tokens during the last epoch, nats."""

    steps: int
    epochs: int
    nll: float


def fit(
    lm: LanguageModel,
    rows: Sequence[TextRow],
    *,
    epochs: int,
    batch: int,
    lr: float,
    weight_decay: float,
    seed: int,
    template: Template,
    accumulation: int = 1,
    until_nll: float | None = None,
    told: Told | None = None,
    most_tokens: int = 512,
) -> Fitted:
    """Train in place for at most `epochs`, ending after the first epoch whose mean nll was under `until_nll`.

    batch: rows of one optimizer step, computed in `accumulation` parts that give the same step. One thread and the
    same seed give the same weights, bit for bit. The model is left in eval mode.
    Raises: Refused with TRAINING_DIVERGED or a code of `encode`.
    """
    encoded = encode(lm.tokenizer, rows, template=template, most_tokens=most_tokens)
    trained = [value for value in lm.model.parameters() if value.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=lr, betas=BETAS, weight_decay=weight_decay)
    steps, done = epochs * -(-len(encoded) // batch), 0
    lm.model.train()
    for epoch in range(epochs):
        total = counted = 0.0
        for group in batches(encoded, batch=batch, seed=seed, epoch=epoch):
            loss, tokens = _step(lm.model, [encoded[row] for row in group], optimiser, trained, accumulation)
            total, counted, done = total + loss, counted + tokens, done + 1
            if told is not None:
                told(done, steps)
        if until_nll is not None and total / counted < until_nll:
            break
    lm.model.eval()
    if not finite(lm.model):
        raise Refused("TRAINING_DIVERGED", "expected finite weights, got NaN or infinity.", "Choose a smaller lr.")
    return Fitted(done, epoch + 1, total / counted)


def backward_token_mean(model: Any, group: Sequence[Encoded], *, accumulation: int) -> tuple[float, int]:
    """Add the gradient of the token-weighted mean nll of a batch, computed in parts; gives (sum of nll, tokens).

    The mean of the parts' means would be another loss: rows have answers of different lengths.
    """
    tokens = sum(len(row.answer) for row in group)
    size = -(-len(group) // accumulation)
    total = 0.0
    for at in range(0, len(group), size):
        sums_B, _ = answer_nll(model, collated(group[at : at + size]).to(model.device))
        (sums_B.sum() / tokens).backward()
        total += float(sums_B.detach().sum())
    return total, tokens


def _step(
    model: Any,
    group: Sequence[Encoded],
    optimiser: torch.optim.Optimizer,
    trained: list[torch.nn.Parameter],
    accumulation: int,
) -> tuple[float, int]:
    optimiser.zero_grad(set_to_none=True)
    found = backward_token_mean(model, group, accumulation=accumulation)
    torch.nn.utils.clip_grad_norm_(trained, _MOST_NORM)
    optimiser.step()
    return found
