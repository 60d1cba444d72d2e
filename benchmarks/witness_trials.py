"""Deletions by the real engines, honest and sabotaged, and the witness's engine on each: for the table and the tests.

Whoever cheats writes an honest ledger. So a sabotaged run is made under a ledger of its own making (half the sigma), or
with fewer steps, and the witness is then given the ledger that an honest run would have left.
"""

import importlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits

from unlearning.accounting import Deleted, Ledger, Steps
from unlearning.catalog import ENGINES, preset, with_defaults
from unlearning.datasets import Rows, write_rows
from unlearning.runner import jobfolder
from unlearning.runner.digests import digest_of
from unlearning.runner.job import Job
from unlearning.runner.progress import Progress

LOADERS: dict[str, Callable[[], Any]] = {"breast-cancer": load_breast_cancer, "digits": load_digits}


@dataclass(frozen=True)
class Seen:
    """What the witness said of one run: its open outputs, and every measurement by name and side."""

    outputs: dict[str, Any]
    measured: dict[tuple[str, str | None], float | None]

    @property
    def outcome(self) -> str:
        """noise as claimed, accused or inconclusive."""
        return str(self.outputs["outcome"])


class Trials:
    """One data set, one row to delete in `steps` steps; each trial trains anew, so that trials are independent."""

    def __init__(self, folder: Path, data: str, *, steps: int, level: float = 0.01) -> None:
        loaded = LOADERS[data]()
        order = np.random.default_rng(0).permutation(len(loaded.target))
        self.folder, self.count, self.steps, self.level = folder, 0, steps, level
        self.params = preset(data)
        self.rows = folder / "rows.parquet"
        labels, features = loaded.target[order].astype(np.int64), loaded.data[order].astype(np.float64)
        write_rows(self.rows, Rows(np.arange(len(order), dtype=np.int64), labels, features))
        self.present = min(self.params["n_0"], len(order))

    def honest(self) -> Seen:
        """The run that the ledger tells of."""
        return self.deleted(self.trained())

    def half_the_noise(self) -> Seen:
        """All steps, with half of sigma."""
        return self.deleted(self.trained(), sigma=self.params["sigma"] / 2)

    def half_the_steps(self) -> Seen:
        """Half of the steps, with all of sigma."""
        return self.deleted(self.trained(), steps=self.steps // 2)

    def old_weights_again(self) -> Seen:
        """No run at all: the old weights under the ledger of a deletion."""
        parent = self.trained()
        return self.examined(parent, parent / "weights")

    def nearly_old_weights_again(self) -> Seen:
        """One step only, so that the old weights come out again with a little noise on them."""
        return self.deleted(self.trained(), steps=1)

    def one_row_left_in(self) -> Seen:
        """All steps, but the deleted row was still among the rows: what no test of weights can see."""
        parent = self.trained()
        kept = {"forget": [self.present - 1], "retain": [*range(self.present - 1)]}
        return self.examined(parent, self._delete(parent, kept, sigma=self.params["sigma"], steps=self.steps))

    def trained(self) -> Path:
        """The folder of a fresh certified training on all rows."""
        manifests = {"retain": [*range(self.present)]}
        return self.run("certified.train", self.params, manifests, {"features": self.rows})

    def deleted(self, parent: Path, *, sigma: float | None = None, steps: int | None = None) -> Seen:
        """Really delete the first row with this sigma and so many steps, then let the witness read an honest ledger."""
        kept = {"forget": [0], "retain": [*range(1, self.present)]}
        weights = self._delete(parent, kept, sigma=sigma or self.params["sigma"], steps=steps or self.steps)
        return self.examined(parent, weights)

    def examined(self, parent: Path, weights: Path) -> Seen:
        """The witness's answer on these weights, given what the ledger of an honest deletion would say."""
        claimed = Ledger.from_json((parent / "ledger.json").read_text())
        claimed = claimed.then(Deleted(records=1, batch="batch"), Steps(steps=self.steps, job="job"))
        ledger = self.folder / f"claimed-{self.count}.json"
        ledger.write_text(claimed.to_json())
        inputs = {"old": parent / "weights", "new": weights, "ledger": ledger, "features": self.rows}
        params = with_defaults("verify.witness", {"level": self.level})
        folder = self.run("verify.witness", params, {"retain": [*range(1, self.present)]}, inputs)
        lines = json.loads((folder / "measurements.json").read_text())["measurements"]
        outputs = json.loads((folder / "outputs.json").read_text())
        return Seen(outputs, {(line["name"], line["arm"]): line["value"] for line in lines})

    def _delete(self, parent: Path, kept: dict[str, list[int]], *, sigma: float, steps: int) -> Path:
        own = Ledger.from_json((parent / "ledger.json").read_text())
        ledger = self.folder / f"own-{self.count}.json"
        ledger.write_text(replace(own, problem=replace(own.problem, sigma=sigma)).to_json())
        inputs = {"model": parent / "weights", "ledger": ledger, "features": self.rows}
        params = self.params | {"sigma": sigma, "steps": steps}
        return self.run("certified.delete", params, kept, inputs) / "weights"

    def run(
        self, engine: str, params: dict[str, Any], manifests: dict[str, list[int]], inputs: dict[str, Path]
    ) -> Path:
        """Run an engine in this process on a folder of its own; returns the folder."""
        self.count += 1
        folder = self.folder / f"{self.count:05d}"
        (folder / "inputs").mkdir(parents=True)
        for name, path in inputs.items():
            (shutil.copytree if path.is_dir() else shutil.copyfile)(path, folder / "inputs" / name)
        places = {name: {"path": f"inputs/{name}", "digest": digest_of(folder / "inputs" / name)} for name in inputs}
        rows = {name: {"features": indexes} for name, indexes in manifests.items()}
        spec: dict[str, Any] = {"format": "obelus/spec/1", "job": f"job_{self.count:032x}", "engine": engine}
        jobfolder.write_json(folder / "spec.json", spec | {"params": params, "inputs": places, "manifests": rows})
        scratch = folder / jobfolder.SCRATCH
        scratch.mkdir()
        job = Job(jobfolder.read_spec(folder), folder, scratch, Progress(folder / "progress.jsonl"), lambda _: None)
        outcome = importlib.import_module(ENGINES[engine].module).run(job)
        jobfolder.commit(folder, outcome)
        (folder / "outputs.json").write_text(json.dumps(dict(outcome.outputs)))
        return folder
