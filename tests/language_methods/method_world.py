"""Small runs of unlearning on the world that the language suites share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from tests import language_world as world
from unlearning.language.models import LanguageModel, fresh_llama
from unlearning.language.unlearning import Unlearned, unlearn_in_place

# Short runs that go to their end, whatever they find: for tests that count.
TO_THE_END: dict[str, Any] = {"target": "epochs", "utility_floor": 0.0, "collapse": 0.0, "epochs": 2, "batch": 4}


def tiny() -> LanguageModel:
    """Three blocks with random weights, sixteen wide: what can be counted needs no knowledge."""
    return fresh_llama(world.tokenizer(), width=16, layers=3, heads=2, seed=0)


def short(lm: LanguageModel, method: str, *, forget=None, holdout=None, told=None, **options: Any) -> Unlearned:
    """A run on eight rows to forget and twelve to keep, in place."""
    sides = forget or world.forget(), world.retain()[:12], world.holdout()[:4] if holdout is None else holdout
    return unlearn_in_place(lm, *sides, method=method, params=TO_THE_END | options, seed=3, told=told)


def weights(lm: LanguageModel) -> list[torch.Tensor]:
    return [weight.detach().clone() for weight in lm.model.parameters()]


def equal(one: LanguageModel, other: LanguageModel) -> bool:
    """Whether all weights are the same, bit for bit."""
    return all(torch.equal(a, b) for a, b in zip(one.model.parameters(), other.model.parameters(), strict=True))


@contextmanager
def counted(owner: Any, name: str) -> Iterator[list[tuple[Any, ...]]]:
    """The arguments of every call of a function or method while the block runs."""
    original, calls = getattr(owner, name), []

    def counting(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return original(*args, **kwargs)

    setattr(owner, name, counting)
    try:
        yield calls
    finally:
        setattr(owner, name, original)
