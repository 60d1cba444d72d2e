"""Where a model is worked on: on this process's GPU if it has one, whole or in shards; afterwards it is back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

import torch

from unlearning.language.distributed.company import Company, ShardedCompany
from unlearning.language.models import LanguageModel, Precision
from unlearning.runner.refusals import Refused


@contextmanager
def placed(lm: LanguageModel, company: Company, *, precision: Precision = "float32") -> Iterator[LanguageModel]:
    """The model to train. When it is done, `lm` holds the trained weights on the CPU.

    Raises: Refused with WEIGHTS_TIED.
    """
    if not isinstance(company, ShardedCompany):
        with placed_whole(lm, company):
            yield lm
        return
    from unlearning.language.distributed.sharding import hand_back, sharded

    parts = sharded(deepcopy(lm.model).to(device()), dtype=precision)
    yield LanguageModel(parts, lm.tokenizer)
    hand_back(parts, lm.model)


@contextmanager
def placed_whole(lm: LanguageModel, company: Company) -> Iterator[None]:
    """The same for work that needs the whole model on every process.

    Raises: Refused with WHOLE_WEIGHTS_NEEDED.
    """
    if isinstance(company, ShardedCompany):
        raise Refused(
            "WHOLE_WEIGHTS_NEEDED",
            "expected processes that each hold the whole model: unlearning saves, takes back and chooses states.",
            "Start it with torchrun, or with a configuration of accelerate without FSDP.",
        )
    lm.model.to(device())
    yield
    lm.model.cpu()


def device() -> str:
    """This process's GPU, or the CPU."""
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu"
