"""Two processes that choose where to unlearn choose the same weights, and the same as one process alone."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from tests import language_world as world
from tests.language_distributed.test_one_process_or_two import free_port
from unlearning.language.distributed.company import ALONE, Company
from unlearning.language.distributed.joining import joined
from unlearning.language.influence import scores
from unlearning.language.models import load, save_packed
from unlearning.language.unlearning import unlearn

PARAMS: dict[str, Any] = {
    **{"target": "epochs", "epochs": 10, "batch": 3, "utility_floor": 0.0, "collapse": 0.0, "accumulation": 2},
    "where": {"choose": "influence", "share": 0.2},
}


def forgotten(company: Company) -> Any:
    sides = world.forget()[:5], world.retain()[:7], world.holdout()[:3]
    return unlearn(world.untrained(), *sides, method="npo", params=PARAMS, seed=1, company=company)


def take_part(rank: int, port: int, folder: Path) -> None:
    torch.set_num_threads(1)
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    if rank:
        # Another machine's rounding, made large: it must not matter what this process would have picked.
        scores.DAMPING = 1e9
    with joined() as company:
        done = forgotten(company)
    save_packed(folder / f"{rank}.safetensors", done.lm)
    (folder / f"{rank}.json").write_text(json.dumps(done.record["chosen_weights"]))


@pytest.mark.slow
def test_two_processes_choose_the_weights_that_one_chooses_and_reach_its_weights(tmp_path: Path) -> None:
    port, world_of = free_port(), multiprocessing.get_context("fork")
    pair = [world_of.Process(target=take_part, args=(rank, port, tmp_path)) for rank in (0, 1)]
    for process in pair:
        process.start()
    for process in pair:
        process.join(timeout=300)
    assert [process.exitcode for process in pair] == [0, 0]
    alone = forgotten(ALONE)
    told = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1)]
    wanted = alone.record["chosen_weights"]
    assert told[0] == wanted and told[1]["digest"] == wanted["digest"]
    two = dict(load(tmp_path / "0.safetensors").model.named_parameters())
    for name, weight in alone.lm.model.named_parameters():
        assert float((weight - two[name]).detach().abs().max()) < 1e-5
