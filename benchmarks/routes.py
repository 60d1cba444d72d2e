"""One release on real data and the two routes away from it, run by the real engines in this process."""

import importlib
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer

from unlearning.accounting import Ledger, recommend
from unlearning.catalog import ENGINES, preset
from unlearning.datasets import Rows, write_rows
from unlearning.linear import load_model
from unlearning.runner import jobfolder
from unlearning.runner.digests import digest_of
from unlearning.runner.job import Job
from unlearning.runner.progress import Progress

DELTA, BATCH, HELD_OUT = 1e-5, 12, 114


@dataclass(frozen=True)
class Ran:
    """One run of one engine: what it reported, what it cost this process, how well its model does on unseen rows."""

    folder: Path
    row_gradients: int
    cpu_s: float
    accuracy: float


class Bench:
    """One release at one epsilon, and the two routes away from it."""

    def __init__(self, folder: Path, *, epsilon: float, lam: float) -> None:
        data = load_breast_cancer()
        folder.mkdir()
        self.folder, self.count = folder, 0
        self.learned_from = len(data.target) - HELD_OUT
        # Held out are the last rows: nobody chose them.
        self.unseen = data.data[self.learned_from :], data.target[self.learned_from :]
        self.rows = folder / "rows.parquet"
        slots = np.arange(len(data.target), dtype=np.int64)
        write_rows(self.rows, Rows(slots, data.target.astype(np.int64), data.data))
        width = data.data.shape[1] + 1
        found = recommend(n=self.learned_from, features=width, classes=2, epsilon=epsilon, delta=DELTA, lam=lam)
        problem, self.steps_learn = found.problem, found.steps_learn
        fixed = {"lam": problem.lam, "eta": problem.eta, "sigma": problem.sigma, "n_0": self.learned_from}
        self.params: dict[str, Any] = {**preset("breast-cancer"), **fixed}
        self.release = self.run("certified.train", self.steps_learn, {"retain": [*range(self.learned_from)]})

    @property
    def ledger(self) -> Ledger:
        return Ledger.from_json((self.release.folder / "ledger.json").read_text())

    def retrain(self) -> Ran:
        return self.run("certified.train", self.steps_learn, {"retain": [*range(BATCH, self.learned_from)]})

    def delete(self, *, steps: int) -> Ran:
        rows = {"forget": [*range(BATCH)], "retain": [*range(BATCH, self.learned_from)]}
        parent = {"model": self.release.folder / "weights", "ledger": self.release.folder / "ledger.json"}
        return self.run("certified.delete", steps, rows, **parent)

    def run(self, engine: str, steps: int, manifests: dict[str, list[int]], **inputs: Path) -> Ran:
        self.count += 1
        folder = self.folder / f"{self.count:05d}"
        job = self.laid_out(folder, engine, steps, manifests, {"features": self.rows, **inputs})
        module = importlib.import_module(ENGINES[engine].module)
        begun = time.process_time()
        outcome = module.run(job)
        cpu_s = time.process_time() - begun
        jobfolder.commit(folder, outcome)
        right = load_model(folder / "weights").predict(self.unseen[0]) == self.unseen[1]
        return Ran(folder, outcome.outputs["steps"] * outcome.outputs["rows"], cpu_s, float(right.mean()))

    def laid_out(
        self, folder: Path, engine: str, steps: int, manifests: dict[str, list[int]], inputs: dict[str, Path]
    ) -> Job:
        (folder / "inputs").mkdir(parents=True)
        for name, path in inputs.items():
            (shutil.copytree if path.is_dir() else shutil.copyfile)(path, folder / "inputs" / name)
        places = {name: {"path": f"inputs/{name}", "digest": digest_of(folder / "inputs" / name)} for name in inputs}
        rows = {name: {"features": indexes} for name, indexes in manifests.items()}
        spec: dict[str, Any] = {"format": "obelus/spec/1", "job": f"job_{self.count:032x}", "engine": engine}
        spec |= {"params": {**self.params, "steps": steps}, "inputs": places, "manifests": rows}
        jobfolder.write_json(folder / "spec.json", spec)
        scratch = folder / jobfolder.SCRATCH
        scratch.mkdir()
        return Job(jobfolder.read_spec(folder), folder, scratch, Progress(folder / "progress.jsonl"), lambda _: None)
