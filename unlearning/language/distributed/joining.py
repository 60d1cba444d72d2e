"""How a process finds the others: `torchrun` and `accelerate launch` say who is who in the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from unlearning.language.distributed.company import ALONE, Company, ShardedCompany

_PATIENCE = timedelta(minutes=10)


@contextmanager
def joined() -> Iterator[Company]:
    """The company that this process was started in; alone when nobody started it with others.

    Leaves the group at the end. A process that dies breaks the others' next message: they fail, none goes on alone.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield ALONE
        return
    import torch
    from torch import distributed

    from unlearning.language.distributed.meshes import let_go

    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=_PATIENCE)
    try:
        yield _kind()(distributed.get_rank(), distributed.get_world_size())
    finally:
        let_go()
        distributed.destroy_process_group()


def _kind() -> type[Company]:
    """`accelerate launch` with an FSDP configuration asks for weights in shards by this variable."""
    return ShardedCompany if os.environ.get("ACCELERATE_USE_FSDP", "false").lower() == "true" else Company
