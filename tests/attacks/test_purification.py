"""Purification of inputs changes a service and not a model: it hides a memory from the attack and removes none.

So it never counts toward a verdict: the engine attacks the weights of a folder, and nothing beside them is run.
"""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.torch import save_file

from tests.unlearning.conftest import dataset, lay_out, run_here
from unlearning.catalog import WrongParamsError, validate_params, with_defaults
from unlearning.verification.pgd import climb

__all__ = ["dataset", "lay_out", "run_here"]
STRENGTH = {"budgets": [0.1], "norm": "linf", "steps": 10, "restarts": 1, "seed": 0}
GREYS = 3  # the purifier keeps so many steps of brightness


def purified(network):
    """The network as a service would wrap it: its inputs are rounded first, which also takes every gradient away."""
    return lambda rows: network((rows * GREYS).round() / GREYS)


def fallen(model, rows):
    return float(np.isfinite(climb(model, rows.x, rows.y, low=0.0, high=1.0, **STRENGTH).least).mean())


def test_behind_a_purifier_the_memory_is_all_there_and_the_attack_finds_none_of_it(world):
    retrained, remembers = (fallen(model, world.deleted) for model in (world.retrained[0], world.finetuned))
    assert remembers > retrained + 0.2
    assert fallen(purified(world.finetuned), world.deleted) < retrained + 0.05


def test_the_engine_attacks_the_weights_whatever_purifier_comes_with_them(lay_out, run_here, objects, world, tmp_path):
    inputs, manifests = objects
    folder = shutil.copytree(inputs["candidate"], tmp_path / "candidate")
    name = folder / "model.safetensors"
    with safe_open(name, "pt") as file:
        public, tensors = json.loads(file.metadata()["obelus"]), {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    save_file(tensors, name, metadata={"obelus": json.dumps(public | {"purifier": {"greys": GREYS}})})
    (folder / "purifier.json").write_text(json.dumps({"greys": GREYS}))
    params = {"budgets": STRENGTH["budgets"], "steps": 10, "restarts": 1, "low": 0.0, "high": 16.0}
    job = lay_out(
        "verify.network",
        with_defaults("verify.network", params),
        inputs=inputs | {"candidate": folder},
        manifests=manifests,
    )
    run_here(job)
    lines = json.loads((job / "measurements.json").read_text())["measurements"]
    [found] = [line["value"] for line in lines if line["arm"] == "A" and line["budget"] == 0.1]
    assert found == pytest.approx(fallen(world.finetuned, world.deleted))


def test_no_parameter_of_the_attack_or_of_the_model_names_a_purifier():
    with pytest.raises(WrongParamsError):
        validate_params("verify.network", {"budgets": [0.1], "purifier": {"greys": GREYS}})
