"""Job folders under torchrun: the same result as alone, and no result when a process dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from unlearning.language.authors import made_authors, public_text
from unlearning.language.distributed.sharding import accelerate_config
from unlearning.language.models import fresh_llama, load, save_packed
from unlearning.language.tokenizers import trained_tokenizer
from unlearning.runner.digests import digest_of
from unlearning.texts import write_texts

ALONE = [sys.executable, "-m"]
LAUNCH = [*ALONE, "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d", "--rdzv-endpoint"]
BY_TWO = [*LAUNCH, "localhost:0", "-m"]
SIZES = {"width": 32, "layers": 2, "heads": 2, "vocabulary": 300}


def lay_out(folder: Path, engine: str, params: dict[str, Any], manifests: dict[str, list[int]]) -> Path:
    (folder / "inputs").mkdir(parents=True)
    authors = made_authors(authors=4, questions=5, seed=0)
    write_texts(folder / "inputs" / "texts", list(chain.from_iterable(author.rows for author in authors)))
    if engine == "language.unlearn":
        tokenizer = trained_tokenizer(public_text(), vocabulary=300)
        save_packed(folder / "inputs" / "model", fresh_llama(tokenizer, width=32, layers=2, heads=2, seed=0))
    inputs = {
        path.name: {"path": f"inputs/{path.name}", "digest": digest_of(path)} for path in (folder / "inputs").iterdir()
    }
    spec = {"format": "obelus/spec/1", "job": "job_" + "0" * 32, "engine": engine, "params": params}
    spec |= {"inputs": inputs, "manifests": {name: {"texts": rows} for name, rows in manifests.items()}, "threads": 1}
    (folder / "spec.json").write_text(json.dumps(spec))
    return folder


def begin(how: list[str], folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    command = [*how, "unlearning", "run", str(folder)]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def training(folder: Path, epochs: int, *, batch: int = 3) -> Path:
    params = {**SIZES, "epochs": epochs, "batch": batch, "lr": 5e-4, "accumulation": 2}
    return lay_out(folder, "language.train", params, {"retain": list(range(13))})


def forgetting(folder: Path, method: str) -> Path:
    params = {"method": method, "epochs": 20, "batch": 3, "lr": 5e-4, "target": "epochs", "utility_floor": 0.1}
    sides = {"forget": list(range(5)), "retain": list(range(5, 15)), "holdout": list(range(15, 20))}
    return lay_out(folder, "language.unlearn", params, sides)


@pytest.mark.slow
@pytest.mark.parametrize("work", ["train", "npo", "rmu"])
def test_a_job_of_two_processes_leaves_the_weights_of_one_and_one_voice(tmp_path: Path, work: str) -> None:
    folders = []
    for name, how in (("alone", [*ALONE]), ("two", BY_TWO)):
        folder = tmp_path / name
        folders.append(training(folder, 4) if work == "train" else forgetting(folder, work))
        process = begin(how, folder)
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said[-3000:]
    results = [json.loads((folder / "result.json").read_text()) for folder in folders]
    assert [result["status"] for result in results] == ["done", "done"]
    assert {path.name for path in folders[1].iterdir()} <= {path.name for path in folders[0].iterdir()}
    one, two = (load_file(folder / "weights" / "model.safetensors") for folder in folders)
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < 1e-5
    load(folders[1] / "weights")
    steps = [json.loads(line)["step"] for line in (folders[1] / "progress.jsonl").read_text().splitlines()]
    assert len(steps) == len(set(steps))


@pytest.mark.slow
def test_a_training_with_weights_in_shards_leaves_the_weights_of_one_process(tmp_path: Path) -> None:
    config = [*ALONE, "accelerate.commands.launch", "--config_file", str(accelerate_config()), "--num_processes", "2"]
    found = []
    for name, how in (("alone", [*ALONE]), ("shards", [*config, "-m"])):
        folder = training(tmp_path / name, 4, batch=7)
        process = begin(how, folder)
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said[-3000:]
        found.append(load_file(folder / "weights" / "model.safetensors"))
    assert max(float((found[0][name] - found[1][name]).abs().max()) for name in found[0]) < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("dies", ["first", "second"])
def test_a_process_that_dies_ends_the_others_and_no_result_is_left(tmp_path: Path, dies: str) -> None:
    folder = training(tmp_path / "job", 9000)
    launcher = begin(BY_TWO, folder)
    wait_for(lambda: (folder / "progress.jsonl").exists())
    pids = dict(ranks_below(launcher.pid))
    os.kill(pids[0 if dies == "first" else 1], signal.SIGKILL)
    launcher.communicate(timeout=60)
    assert launcher.returncode != 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids.values())
    assert not (folder / "weights").exists()
    result = folder / "result.json"
    assert not result.exists() or json.loads(result.read_text())["status"] == "cancelled"


def ranks_below(launcher: int) -> list[tuple[int, int]]:
    """(rank, process id) of the launcher's children."""
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    environments = {pid: Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") for pid in children}
    return [
        (int(entry.removeprefix(b"RANK=")), int(pid))
        for pid, entries in environments.items()
        for entry in entries
        if entry.startswith(b"RANK=")
    ]


def wait_for(condition: Any, *, timeout_s: float = 120.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
