"""The mesh of shards lies where the group's messages go, whatever torch was built for."""

from __future__ import annotations

import pytest
import torch
from torch import distributed

from unlearning.language.distributed import meshes


@pytest.mark.parametrize(("backend", "kind"), [("gloo", "cpu"), ("nccl", "cuda")])
def test_a_torch_built_for_a_device_that_is_not_there_shards_on_the_processor(monkeypatch, backend: str, kind: str):
    asked: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(meshes, "_IN_USE", [])
    monkeypatch.setattr(meshes, "init_device_mesh", lambda kind, shape: asked.append((kind, shape)))
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda *_: torch.device("cuda"))
    monkeypatch.setattr(distributed, "get_backend", lambda: backend)
    monkeypatch.setattr(distributed, "get_world_size", lambda: 2)
    meshes.whole_world()
    assert asked == [(kind, (2,))]
