"""How much rows to forget pull at each weight, beside how much rows to keep do.

The diagonal of the empirical Fisher information, row by row: F_w = mean over rows of (d nll / d w)^2, with nll the mean
over the answer's tokens. Influence is the ratio F_forget / F_retain (as saliency and "selective synaptic dampening",
Foster et al., AAAI 2024, arXiv 2308.07707, weigh weights). Whether the weights it points at are the right ones to
change was measured, not assumed: benchmarks/results/language-influence.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from unlearning.language.batching import collated
from unlearning.language.encoding import Encoded
from unlearning.language.scoring import answer_nll, blocks
from unlearning.runner.refusals import Refused

Scores = Mapping[str, Tensor]
# Of the retain side's mean over all weights: keeps a weight that no row touches from having infinite influence.
DAMPING = 1e-3


def squared_gradients(model: Any, rows: Sequence[Encoded]) -> dict[str, Tensor]:
    """Mean squared gradient per trainable weight, by the parameter's name, tied weights once.

    One pass per row: squares of a batch's mean gradient are not the mean of squares. Gradients are left as they were
    found: none. Raises: Refused with NO_ROWS.
    """
    if not rows:
        raise Refused("NO_ROWS", "expected at least one row to measure influence by, got none.", "Name the rows.")
    weights = {name: value for name, value in model.named_parameters() if value.requires_grad}
    found = {name: torch.zeros_like(value, dtype=torch.float32) for name, value in weights.items()}
    for row in rows:
        sums_B, counts_B = answer_nll(model, collated([row]).to(model.device))
        gradients = torch.autograd.grad((sums_B / counts_B).sum(), list(weights.values()), allow_unused=True)
        for name, gradient in zip(weights, gradients, strict=True):
            if gradient is not None:
                found[name] += gradient.detach().float().square() / len(rows)
    return found


def influence(model: Any, forget: Sequence[Encoded], retain: Sequence[Encoded]) -> dict[str, Tensor]:
    """The ratio per weight, by the parameter's name: large where rows to forget pull and rows to keep do not.

    Raises: Refused with NO_ROWS.
    """
    return ratio(squared_gradients(model, forget), squared_gradients(model, retain))


def ratio(forget: Scores, retain: Scores) -> dict[str, Tensor]:
    """F_forget / (F_retain + damping)."""
    total = sum(float(value.sum(dtype=torch.float64)) for value in retain.values())
    damping = DAMPING * total / sum(value.numel() for value in retain.values())
    # Rows that are learned to the last digit pull at nothing; then nothing divides by nothing.
    return {
        name: value / (retain[name] + max(damping, torch.finfo(torch.float32).tiny)) for name, value in forget.items()
    }


def by_module(forget: Scores, retain: Scores) -> dict[str, float]:
    """Ratio of the sums over each parameter tensor: which matrix holds more of the rows to forget than of others."""
    return {name: _sums_ratio([value], [retain[name]]) for name, value in forget.items()}


def by_layer(model: Any, forget: Scores, retain: Scores) -> dict[str, float]:
    """Ratio of the sums over each block, and over what stands before and after them ("embeddings", "head").

    Raises: Refused with LAYER_UNKNOWN where the model has no list of blocks.
    """
    owner = {id(value): f"{at}" for at, block in enumerate(blocks(model)) for value in block.parameters()}
    embeddings = {id(value) for value in model.get_input_embeddings().parameters()}
    names: dict[str, list[str]] = {}
    for name, value in model.named_parameters():
        place = owner.get(id(value), "embeddings" if id(value) in embeddings else "head")
        names.setdefault(place, []).append(name)
    return {
        place: _sums_ratio(
            [forget[name] for name in held if name in forget], [retain[name] for name in held if name in retain]
        )
        for place, held in names.items()
    }


def _sums_ratio(forget: Sequence[Tensor], retain: Sequence[Tensor]) -> float:
    below = sum(float(value.sum(dtype=torch.float64)) for value in retain)
    above = sum(float(value.sum(dtype=torch.float64)) for value in forget)
    return above / below if below else 0.0
