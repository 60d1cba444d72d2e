"""Models as they are served: rounded to the deployed precision, and to int8 or int4 on top of it.

What was unlearned by very small changes of weights can come back when these are rounded (arXiv 2410.16454). Rounding is
simulated: the copies hold the rounded values in float32, on which everything is computed.
"""

from __future__ import annotations

import copy
from typing import Literal

import torch
from torch import Tensor, nn

from unlearning.language.adapters import adapters_of, merged
from unlearning.language.models import LanguageModel
from unlearning.language.scoring import blocks

Deployed = Literal["float32", "bfloat16"]


def served(lm: LanguageModel, deployed: Deployed) -> LanguageModel:
    """The model in float32 and without adapters, its weights such as the deployed precision can hold.

    A copy, unless it is all that already; nothing here changes a model that it is given.
    """
    if not adapters_of(lm) and all(_holds(value, deployed) for value in lm.model.parameters()):
        return lm
    alone = merged(LanguageModel(copy.deepcopy(lm.model), lm.tokenizer))
    model = alone.model.to(torch.bfloat16) if deployed == "bfloat16" else alone.model
    return LanguageModel(model.float().eval(), lm.tokenizer)


def _holds(value: Tensor, deployed: Deployed) -> bool:
    if value.dtype != torch.float32:
        return False
    return deployed == "float32" or torch.equal(value, value.to(torch.bfloat16).float())


def quantised(lm: LanguageModel, *, bits: int) -> LanguageModel:
    """A copy whose linear layers inside the blocks are rounded to so many bits; embeddings and output head stay.

    That is what the usual loaders do. Adapters are to be merged before: see `served`.
    """
    model = copy.deepcopy(lm.model)
    for module in blocks(model).modules():
        if isinstance(module, nn.Linear):
            with torch.no_grad():
                module.weight.copy_(rounded(module.weight, bits=bits))
    return LanguageModel(model, lm.tokenizer)


def rounded(weight_OI: Tensor, *, bits: int) -> Tensor:
    """Round to nearest on a symmetric grid of 2^bits - 1 values per output channel, its ends at the largest weight."""
    steps = 2 ** (bits - 1) - 1
    step_O1 = weight_OI.abs().amax(1, keepdim=True).clamp_min(torch.finfo(weight_OI.dtype).tiny) / steps
    found_OI: Tensor = (weight_OI / step_O1).round().clamp(-steps, steps) * step_O1
    return found_OI
