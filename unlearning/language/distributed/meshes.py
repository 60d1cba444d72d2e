"""The mesh that shards lie on: one for the life of a group, and gone before the group is.

What torch remembers of sharded computations (the caches of DTensor) keeps a mesh for ever, and a mesh keeps the group
with its threads. A thread of gloo that lets go of the last message's tensor while Python is already ending is ended
in the middle by it, and the process dies of SIGABRT ("terminate called without an active exception") after all work
was done: seen in one of four starts on a machine with more work than cores. Without the mesh's hold, the end of the
group waits for its threads while Python still lives.
"""

from __future__ import annotations

import gc

from torch import distributed
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

_IN_USE: list[DeviceMesh] = []


def whole_world() -> DeviceMesh:
    """All processes of the group in one row, on the kind of device that its messages go between.

    Not on the kind that torch was built for: a build for CUDA names it where there is no such device at all.
    """
    if not _IN_USE:
        kind = "cuda" if distributed.get_backend() == "nccl" else "cpu"
        _IN_USE.append(init_device_mesh(kind, (distributed.get_world_size(),)))
    return _IN_USE[0]


def let_go() -> None:
    """Take the group from the mesh, before the group is destroyed; what lies in shards can be used no more."""
    if not _IN_USE:
        return
    gc.collect()  # modules in shards refer to themselves, and to the group
    # There is no public way: the registry is torch's own (2.13).
    _IN_USE.pop()._pg_registry.clear()
