"""The plan's choice is the cheaper of both routes actually run, over a grid of thirty settings."""

import hashlib
import importlib
import json
import shutil
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unlearning.accounting import Ledger, price
from unlearning.accounting.planning import PlanChoice, PlanInputs, PriceList, choose
from unlearning.accounting.recommend import recommend
from unlearning.catalog import ENGINES
from unlearning.datasets import Rows, write_rows
from unlearning.runner import jobfolder
from unlearning.runner.job import Job
from unlearning.runner.progress import Progress

DELTA = 1e-5
ROWS, FEATURES = 400, 4
PRICES = PriceList(
    row_gradient_s=1e-5,
    delete_fixed_s=0.0,
    retrain_fixed_s=0.02,
    delete_verification_s=0.01,
    retrain_verification_s=0.01,
)
GRID = list(product((0.5, 1.0, 3.0, 8.0, 20.0), (0.2, 0.7, 1.5), ("per_record", "joint")))


def test_the_grid_has_thirty_settings():
    assert len(GRID) == 30


class Bench:
    """Runs engines in this process on one small dataset, and counts the row gradients they report."""

    def __init__(self, folder: Path, epsilon_of_release: float) -> None:
        self.folder = folder
        draw = np.random.default_rng(5)
        features = draw.normal(size=(ROWS, FEATURES))
        labels = (features[:, 0] > 0).astype(np.int64)
        self.rows = folder / "rows.parquet"
        write_rows(self.rows, Rows(np.arange(ROWS, dtype=np.int64), labels, features))
        found = recommend(n=ROWS, features=FEATURES + 1, classes=2, epsilon=epsilon_of_release, delta=DELTA)
        self.params: dict[str, Any] = {
            "lam": found.problem.lam,
            "eta": found.problem.eta,
            "sigma": found.problem.sigma,
            "steps": found.steps_learn,
            "n_0": ROWS,
            "norm_bound": 1.0,
            "classes": [0, 1],
            "centres": [0.0] * FEATURES,
            "scales": [1.0] * FEATURES,
            "adjacency": "zero_out",
            "contribution_cap": 1,
        }

    def run(self, name: str, engine: str, steps: int, manifests: dict[str, list[int]], **inputs: Path) -> Path:
        folder = self.folder / name
        (folder / "inputs").mkdir(parents=True)
        places = {"features": self.rows, **inputs}
        for key, path in places.items():
            copy = shutil.copytree if path.is_dir() else shutil.copyfile
            copy(path, folder / "inputs" / key)
        spec = {
            "format": "obelus/spec/1",
            "job": "job_" + hashlib.sha256(name.encode()).hexdigest()[:32],
            "engine": engine,
            "params": {**self.params, "steps": steps},
            "inputs": {key: {"path": f"inputs/{key}", "digest": "sha256:" + "0" * 64} for key in places},
            "manifests": {key: {"features": rows} for key, rows in manifests.items()},
        }
        (folder / "spec.json").write_text(json.dumps(spec))
        (folder / jobfolder.SCRATCH).mkdir()
        progress = Progress(folder / "progress.jsonl")
        job = Job(jobfolder.read_spec(folder), folder, folder / jobfolder.SCRATCH, progress, lambda _: None)
        jobfolder.commit(folder, importlib.import_module(ENGINES[engine].module).run(job))
        return folder

    def cost(self, folder: Path, rows: int, route: str) -> float:
        """What this run cost at the fixed prices, by the steps that it reported."""
        steps = json.loads((folder / "progress.jsonl").read_text().splitlines()[-1])["step"]
        fixed = PRICES.delete_fixed_s + PRICES.delete_verification_s
        if route == "retrain":
            fixed = PRICES.retrain_fixed_s + PRICES.retrain_verification_s
        return float(steps * rows * PRICES.row_gradient_s + fixed)


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> dict[float, tuple[Bench, Path]]:
    made = {}
    for epsilon in sorted({setting[0] for setting in GRID}):
        bench = Bench(tmp_path_factory.mktemp("bench"), epsilon)
        made[epsilon] = (
            bench,
            bench.run("learn", "certified.train", bench.params["steps"], {"retain": [*range(ROWS)]}),
        )
    return made


@pytest.mark.parametrize(("epsilon_of_release", "target", "regime"), GRID)
def test_the_choice_is_the_cheaper_route_actually_run(benches, epsilon_of_release, target, regime):
    bench, learned = benches[epsilon_of_release]
    ledger = Ledger.from_json((learned / "ledger.json").read_text())
    batch = 3
    choice = choose(
        PlanInputs(
            ledger=ledger,
            batch_rows=batch,
            rows_per_person=1,
            regime=regime,
            epsilon=target,
            delta=DELTA,
            cap_epsilon=1000.0,
            steps_learn=bench.params["steps"],
            prices=PRICES,
        )
    )
    name = f"{target:g}{regime[0]}".replace(".", "")
    forget, retain = [*range(batch)], [*range(batch, ROWS)]
    again = bench.run(f"again{name}", "certified.train", bench.params["steps"], {"retain": retain})
    retraining = bench.cost(again, len(retain), "retrain")
    deletion = run_deletion(bench, learned, choice, name, forget, retain, group=batch if regime == "joint" else 1)
    cheaper = "certified.delete" if deletion < retraining else "retrain"
    assert choice.route == cheaper


def run_deletion(
    bench: Bench, learned: Path, choice: PlanChoice, name: str, forget: list[int], retain: list[int], *, group: int
) -> float:
    """Run the deletion that the accountant asks for; what it cost, and that it really reaches the target."""
    if choice.delete_steps is None:
        return float("inf")
    folder = bench.run(
        f"delete{name}",
        "certified.delete",
        choice.delete_steps,
        {"forget": forget, "retain": retain},
        model=learned / "weights",
        ledger=learned / "ledger.json",
    )
    reached = price(Ledger.from_json((folder / "ledger.json").read_text()), delta=DELTA, group=group)
    assert reached.a.epsilon(DELTA) <= target_of(name) + 1e-9
    return bench.cost(folder, len(retain), "delete")


def target_of(name: str) -> float:
    return {"02": 0.2, "07": 0.7, "15": 1.5}[name[:-1]]
