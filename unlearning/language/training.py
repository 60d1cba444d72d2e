"""Fine-tuning on answers: AdamW, and a loss that is the mean over the answer tokens of the whole batch.

Letters: B rows of a micro-batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from unlearning.language.batching import batches, collated
from unlearning.language.distributed.company import ALONE, Company
from unlearning.language.encoding import Encoded, Template, encode
from unlearning.language.models import LanguageModel, Precision
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


def adamw(weights: Iterable[nn.Parameter], *, lr: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW with the usual betas and in one kernel: a pass over all weights instead of ten."""
    return torch.optim.AdamW(weights, lr=lr, betas=BETAS, weight_decay=weight_decay, fused=True)


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
    precision: Precision = "float32",
    company: Company = ALONE,
) -> Fitted:
    """Train in place for at most `epochs`, ending after the first epoch whose mean nll was under `until_nll`.

    batch: rows of one optimizer step; `accumulation` parts of it, and the processes of `company`, give the same step.
    precision: of the computation; the weights stay what they are. One thread and the same seed give the same weights,
    bit for bit, and the global generator is left as it was. The model is left in eval mode.
    Raises: Refused with TRAINING_DIVERGED, NOTHING_TO_TRAIN or a code of `encode`.
    """
    encoded = encode(lm.tokenizer, rows, template=template, most_tokens=most_tokens)
    trained = trainable(lm)
    optimiser = adamw(trained, lr=lr, weight_decay=weight_decay)
    steps, done = epochs * -(-len(encoded) // batch), 0
    with learning(lm, seed=seed, precision=precision):
        for epoch in range(epochs):
            total = counted = 0.0
            for group in batches(encoded, batch=batch, seed=seed, epoch=epoch):
                parts = [encoded[row] for row in group]
                loss, tokens = _step(lm.model, parts, optimiser, trained, accumulation, company)
                total, counted, done = total + loss, counted + tokens, done + 1
                if told is not None:
                    told(done, steps)
            if until_nll is not None and total / counted < until_nll:
                break
    if not finite(lm.model):
        raise Refused("TRAINING_DIVERGED", "expected finite weights, got NaN or infinity.", "Choose a smaller lr.")
    return Fitted(done, epoch + 1, total / counted)


def trainable(lm: LanguageModel) -> list[torch.nn.Parameter]:
    """The weights that may move.

    Raises: Refused with NOTHING_TO_TRAIN.
    """
    found = [value for value in lm.model.parameters() if value.requires_grad]
    if not found:
        raise Refused(
            "NOTHING_TO_TRAIN", "expected weights that may move, all are frozen.", "Merge the adapters, or name one."
        )
    return found


@contextmanager
def learning(lm: LanguageModel, *, seed: int, precision: Precision = "float32") -> Iterator[None]:
    """Train mode, a precision, and a generator (an architecture may have dropout) that the seed alone decides."""
    device = lm.model.device
    lm.model.train()
    try:
        with (
            torch.random.fork_rng(devices=[device] if device.type == "cuda" else []),
            torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"),
        ):
            torch.manual_seed(seed)
            yield
    finally:
        lm.model.eval()


@contextmanager
def checkpointing(lm: LanguageModel, *, on: bool = True) -> Iterator[None]:
    """Recompute the blocks' states in the backward pass: the same loss and gradients in less memory.

    The reentrant kind is never used: with frozen embeddings it leaves adapters without a gradient and says nothing.
    """
    if on:
        lm.model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    try:
        yield
    finally:
        if on:
            lm.model.activation_checkpointing_disable()


def backward_token_mean(
    model: Any, group: Sequence[Encoded], *, accumulation: int, company: Company = ALONE
) -> tuple[float, int]:
    """Add the gradient of the token-weighted mean nll of a batch, computed in parts; gives (sum of nll, tokens).

    The mean of the parts' means would be another loss: rows have answers of different lengths.
    """
    mine = company.mine(group)
    tokens = int(company.sum(sum(len(row.answer) for row in mine)))
    size = max(1, -(-len(mine) // accumulation))
    total = 0.0
    for at in range(0, len(mine), size):
        sums_B, _ = answer_nll(model, collated(mine[at : at + size]).to(model.device))
        (sums_B.sum() / tokens).backward()  # type: ignore[no-untyped-call] # torch leaves it bare
        total += float(sums_B.detach().sum())
    company.settle(model)
    return company.sum(total), tokens


def _step(
    model: Any,
    group: Sequence[Encoded],
    optimiser: torch.optim.Optimizer,
    trained: list[torch.nn.Parameter],
    accumulation: int,
    company: Company,
) -> tuple[float, int]:
    optimiser.zero_grad(set_to_none=True)
    found = backward_token_mean(model, group, accumulation=accumulation, company=company)
    torch.nn.utils.clip_grad_norm_(trained, _MOST_NORM)
    optimiser.step()
    return found
