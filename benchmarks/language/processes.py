"""The same training on one process and on two: `torchrun` starts this module once per process.

Two cores that other work shares say little by the clock on the wall; CPU seconds over all processes say what company
costs (messages, and rows that each must encode).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import timing

STEPS, BATCH = 12, 16


@dataclass(frozen=True)
class Run:
    """Seconds per step by the clock, and CPU seconds per step over all processes."""

    processes: int
    wall_s: float
    cpu_s: float


def measured(*, repeats: int) -> list[Run]:
    """One process and two in turn, so often."""
    return [_launched(count) for _ in range(repeats) for count in (1, 2)]


def _launched(processes: int) -> Run:
    launch = ["torch.distributed.run", "--nproc-per-node", str(processes), "--rdzv-backend", "c10d"]
    with TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            *launch,
            "--rdzv-endpoint",
            "localhost:0",
            "-m",
            "benchmarks.language.processes",
        ]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run([*command, folder], env=environment, check=True, capture_output=True)
        return Run(**json.loads(Path(folder, "run.json").read_text()))


def _child(folder: Path) -> None:
    from benchmarks.language.material import STUDY, made_long, model
    from unlearning.language.distributed.joining import joined
    from unlearning.language.training import fit

    material = made_long()
    lm = model(material, STUDY)
    recipe = {"epochs": 1, "batch": BATCH, "lr": 1e-4, "weight_decay": 0.0, "seed": 0, "template": "plain"}
    rows = material.retain
    with joined() as company:
        fit(lm, rows[: 2 * BATCH], **recipe, company=company)  # type: ignore[arg-type]
        begun, spent = time.perf_counter(), time.process_time()
        fit(lm, rows, **recipe, company=company)  # type: ignore[arg-type]
        wall_s, cpu_s = time.perf_counter() - begun, company.sum(time.process_time() - spent)
        if company.leads:
            run = Run(company.world, wall_s / STEPS, cpu_s / STEPS)
            (folder / "run.json").write_text(json.dumps(asdict(run)))


if __name__ == "__main__":
    timing.one_thread()
    _child(Path(sys.argv[1]))
