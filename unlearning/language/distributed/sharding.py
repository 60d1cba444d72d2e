"""Weights in shards (FSDP2): each process holds 1/world of every tensor and gathers a layer when it runs it.

For models whose weights, gradients and optimizer do not fit on one GPU. Layers are wrapped one by one, then the rest;
gradients arrive summed, as `Company.settle` leaves them for whole weights, so that the same loop serves both.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal

import torch
from torch import nn
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor

from unlearning.language.distributed.meshes import whole_world
from unlearning.language.scoring import blocks, body, head
from unlearning.runner.refusals import Refused

Dtype = Literal["float32", "bfloat16"]


def sharded(model: nn.Module, *, dtype: Dtype = "float32") -> nn.Module:
    """The same model with its weights in shards over all processes, in place; the optimizer comes afterwards.

    dtype: of the passes; bfloat16 keeps float32 master weights and sums gradients in float32. Body and output head are
    wrapped apart, because losses call them apart; a frozen weight that they share stays whole on every process.
    Raises: Refused with WEIGHTS_TIED: a shared weight that moves would have to be in two shards at once.
    """
    policy = MixedPrecisionPolicy(param_dtype=getattr(torch, dtype), reduce_dtype=torch.float32)
    whole = _shared_weights(model)
    if any(weight.requires_grad for weight in whole):
        raise Refused(
            "WEIGHTS_TIED",
            "expected an output head of its own to put weights in shards, this one is the embedding's.",
            "Train an adapter, or train without shards.",
        )
    mesh = whole_world()
    for module in (*blocks(model), body(model)):
        fully_shard(module, mesh=mesh, mp_policy=policy, ignored_params=whole)
    if not whole:
        fully_shard(head(model), mesh=mesh, mp_policy=policy)
    for module in model.modules():
        if isinstance(module, FSDPModule):
            module.set_gradient_divide_factor(1.0)
            module.set_force_sum_reduction_for_comms(True)
    return model


def _shared_weights(model: nn.Module) -> set[nn.Parameter]:
    return set(head(model).parameters()) & set(body(model).parameters())


@torch.no_grad()
def hand_back(parts: nn.Module, model: nn.Module) -> None:
    """Put what moved in the shards into the whole model of every process, one weight at a time.

    Of every process: an adapter that is trained next starts from this one's file, and each takes its shard of its own.
    """
    for module in parts.modules():
        if isinstance(module, FSDPModule):
            module.reshard()
    own = dict(model.named_parameters())
    for name, weight in parts.named_parameters():
        if weight.requires_grad:
            own[name].copy_(weight.full_tensor() if isinstance(weight, DTensor) else weight)


def accelerate_config() -> Path:
    """The configuration for `accelerate launch --config_file`: FSDP2 on the GPUs of one machine, bfloat16."""
    return Path(str(files("unlearning.language.distributed").joinpath("fsdp2.yaml")))
