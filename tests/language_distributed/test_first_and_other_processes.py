"""Who speaks when one job runs on many processes: told on engines that need no torch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def begin(folder: Path, *, rank: int, world: int, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    environment = {**os.environ, "RANK": str(rank), "WORLD_SIZE": str(world)}
    command = [sys.executable, "-m", "unlearning", "run", str(folder)]
    return subprocess.Popen(
        command, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def lay_out(folder: Path) -> Path:
    folder.mkdir()
    spec = {"format": "obelus/spec/1", "job": "job_" + "0" * 32, "engine": "noop", "params": {"steps": 1}}
    spec |= {"inputs": {}, "manifests": {}, "threads": 1}
    (folder / "spec.json").write_text(json.dumps(spec))
    return folder


def test_an_engine_for_one_process_refuses_to_be_run_by_two_and_the_first_says_so(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "job")
    processes = [begin(folder, rank=rank, world=2) for rank in (1, 0)]
    said = [process.communicate(timeout=30) for process in processes]
    assert [process.returncode for process in processes] == [64, 64]
    assert said[0] == ("", "")
    assert json.loads((folder / "result.json").read_text())["code"] == "ONE_PROCESS_ONLY"
    assert sorted(path.name for path in folder.iterdir()) == ["result.json", "spec.json"]


def test_a_company_of_one_is_the_runner_as_ever(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "job")
    assert begin(folder, rank=0, world=1).wait(timeout=30) == 0
    assert json.loads((folder / "result.json").read_text())["status"] == "done"


def test_another_process_than_the_first_leaves_nothing_when_its_parent_goes(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "job")
    process = begin(folder, rank=1, world=2, stdin=subprocess.PIPE)
    process.communicate(input="", timeout=30)
    assert process.returncode == 75
    assert [path.name for path in folder.iterdir()] == ["spec.json"]
