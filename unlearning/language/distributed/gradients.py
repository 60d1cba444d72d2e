"""The sum of all processes' gradients, in a few large messages, and one process's weights for all.

`DistributedDataParallel` would average instead, and hang when a shard is empty; a plain sum has neither trouble.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, distributed, nn

_BUCKET_BYTES = 64 * 2**20


def sum_gradients(weights: Iterable[nn.Parameter]) -> None:
    """Replace each gradient by the sum over all processes; a process without one counts as zero.

    All processes must pass the same weights in the same order. Shards of weights (DTensor) are left alone: what
    sharded them has reduced their gradients.
    """
    for bucket in _buckets([weight for weight in weights if not hasattr(weight, "device_mesh")]):
        gradients = [_gradient(weight) for weight in bucket]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        distributed.all_reduce(flat)
        _scatter(flat, gradients)


def copy_from_first(weights: Iterable[Tensor]) -> None:
    """Overwrite each weight by the first process's; all processes must pass the same ones in the same order."""
    with torch.no_grad():
        for weight in weights:
            distributed.broadcast(weight, src=0)


def _gradient(weight: nn.Parameter) -> Tensor:
    if weight.grad is None:
        weight.grad = torch.zeros_like(weight)
    return weight.grad


def _scatter(flat: Tensor, gradients: list[Tensor]) -> None:
    at = 0
    for gradient in gradients:
        gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient))
        at += gradient.numel()


def _buckets(weights: list[nn.Parameter]) -> list[list[nn.Parameter]]:
    """Weights of one kind of number side by side, in messages of bounded size: one copy of it is held at a time."""
    buckets: list[list[nn.Parameter]] = []
    filled = 0
    for weight in weights:
        size = weight.numel() * weight.element_size()
        fits = buckets and filled + size <= _BUCKET_BYTES and buckets[-1][0].dtype == weight.dtype
        if fits:
            buckets[-1].append(weight)
            filled += size
        else:
            buckets.append([weight])
            filled = size
    return buckets
