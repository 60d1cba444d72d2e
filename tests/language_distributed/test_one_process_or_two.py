"""The same weights from one process and from two."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.language_distributed import company_child
from unlearning.language.distributed.sharding import accelerate_config

LAUNCHERS = {
    "torchrun": ["torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d", "--rdzv-endpoint"],
    "accelerate": ["accelerate.commands.launch", "--config_file", str(accelerate_config()), "--num_processes", "2"],
}


def the_same(folder: Path) -> None:
    found = json.loads((folder / "found.json").read_text())
    assert found["world"] == 2
    assert found["moved"] > 1e-3
    assert found["unequal"] < 1e-5
    assert found["empty"] < 1e-5
    assert found["sharded"] < 1e-5
    assert found["adapters"] < 1e-5


def take_part(rank: int, port: int, folder: Path) -> None:
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    company_child.main(folder)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def test_two_processes_with_unequal_or_empty_shards_reach_the_weights_of_one(tmp_path: Path) -> None:
    port, world = free_port(), multiprocessing.get_context("fork")  # forked: torch is loaded once
    pair = [world.Process(target=take_part, args=(rank, port, tmp_path)) for rank in (0, 1)]
    for process in pair:
        process.start()
    for process in pair:
        process.join(timeout=120)
    assert [process.exitcode for process in pair] == [0, 0]
    the_same(tmp_path)


@pytest.mark.slow
def test_torchrun_starts_two_processes_that_reach_the_weights_of_one(tmp_path: Path) -> None:
    launched([*LAUNCHERS["torchrun"], "localhost:0"], tmp_path)


@pytest.mark.slow
def test_accelerate_starts_two_processes_that_reach_the_weights_of_one(tmp_path: Path) -> None:
    launched([*LAUNCHERS["accelerate"], "--main_process_port", str(free_port())], tmp_path)


def launched(launcher: list[str], folder: Path) -> None:
    command = [sys.executable, "-m", *launcher, company_child.__file__, str(folder)]
    told = {"PYTHONFAULTHANDLER": "1", "TORCH_SHOW_CPP_STACKTRACES": "1"}  # a process that aborts says where
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **told}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)
    # What a rank says as it dies comes first; after it the launcher reports at length that it died.
    assert done.returncode == 0, f"{done.stderr[:4000]}\n[...]\n{done.stderr[-2000:]}"
    the_same(folder)
