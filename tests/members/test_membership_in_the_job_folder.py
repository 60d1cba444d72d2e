"""Shadows from the real runner, then verify.network with every membership test: digits with planted records."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from unlearning.classifiers.forgetting import unlearn
from unlearning.classifiers.network import build, save_network
from unlearning.classifiers.tasks import TRAINING, digits_architecture, records_task
from unlearning.classifiers.training import fit
from unlearning.datasets import Rows
from unlearning.runner.schemas import faults_of

pytestmark = pytest.mark.slow
KINDS = ["loss", "entropy", "lira", "ulira"]


@pytest.fixture
def world(tmp_path, dataset):
    """The models, all saved, and one object with rows 0..1346 trained on and 120 never-seen ones after them."""
    task, made = records_task(seed=0), digits_architecture("cnn")
    x = np.vstack([task.train.x, task.unseen.x])
    y = np.concatenate([task.train.y, task.unseen.y])
    scaled, labels = torch.from_numpy(made.scaled(x)), torch.from_numpy(made.positions(y))
    every = np.arange(len(task.train))

    def trained(rows, seed):
        return fit(build(made, seed=seed), scaled[rows], labels[rows], **TRAINING, seed=seed)

    original = trained(every, 0)
    sides = {name: (scaled[rows], labels[rows]) for name, rows in (("forget", task.forget), ("retain", task.retain))}
    models = {
        "original": original,
        "finetuned": unlearn(original, method="finetune", **sides),
        "retrained": trained(task.retain, 50),
    } | {f"reference_{k}": trained(task.retain, 60 + k) for k in range(3)}
    for name, model in models.items():
        save_network(tmp_path / name, model)
    manifests = {
        "forget": {"features": task.forget.tolist()},
        "retain": {"features": task.retain.tolist()},
        "holdout": {"features": list(range(len(every), len(x)))},
    }
    inputs = {name: tmp_path / name for name in models}
    return inputs | {"features": dataset(Rows(np.arange(len(x)), y, x))}, manifests, made


@pytest.fixture
def excess(world, lay_out, start_job, run_here):
    """Excess over the references of deleted rows flagged at a tenth of false alarms, by test and tail."""
    inputs, manifests, made = world
    params = made.as_params() | TRAINING | {"shadows": 16, "unlearn": {"method": "finetune"}}
    job = lay_out("classifier.shadows", params, inputs={"features": inputs["features"]}, manifests=manifests)
    with start_job(job) as runner:
        assert runner.wait(timeout=600) == 0
    named = {name: inputs[name] for name in ("features", "original", "reference_0", "reference_1", "reference_2")}

    def measure(candidate: str) -> dict[str, float]:
        given = named | {"candidate": inputs[candidate], "shadows": job / "weights"}
        params = {"budgets": [0.0], "steps": 1, "restarts": 1, "membership": KINDS}
        folder = lay_out("verify.network", params, inputs=given, manifests=manifests)
        run_here(folder)
        document = json.loads((folder / "measurements.json").read_text())
        assert faults_of("measurements", document) == []
        rate = {
            (line["name"], line["arm"]): line["value"] for line in document["measurements"] if line["budget"] == 0.1
        }
        controls = {name: np.mean([rate[name, f"B:{k}"] for k in range(3)]) for name, arm in rate if arm == "A"}
        return {name: rate[name, "A"] - controls[name] for name in controls if "membership" in name}

    return measure


def test_fine_tuning_passes_loss_and_lira_and_is_seen_by_u_lira(excess):
    kept, clean, tuned = excess("original"), excess("retrained"), excess("finetuned")
    assert min(kept["membership.lira.near"], kept["membership.ulira.near"]) > 0.3
    assert max(map(abs, clean.values())) < 0.12
    assert max(abs(tuned["membership.loss.near"]), abs(tuned["membership.lira.near"])) < 0.12
    assert tuned["membership.ulira.near"] > 0.3
