"""A real network whose head alone was scrubbed of a digit: what the attack reports, and what the probes report."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from unlearning.classifiers.network import Network, build
from unlearning.classifiers.tasks import Part, class_task, digits_architecture
from unlearning.classifiers.training import fit
from unlearning.verification.network_arms import NetworkModels, NetworkProbe
from unlearning.verification.pgd import climb
from unlearning.verification.probes.data import BlindSide
from unlearning.verification.probes.lines import PROBES, probe_lines

pytestmark = pytest.mark.slow
DIGIT, TASK, MADE = 3, class_task(seed=0), digits_architecture("mlp", width=64)


def probe(part: Part) -> NetworkProbe:
    return NetworkProbe(torch.from_numpy(MADE.scaled(part.x)), torch.from_numpy(MADE.positions(part.y)))


def trained(rows: NetworkProbe, *, seed: int) -> Network:
    return fit(build(MADE, seed=seed), rows.x, rows.y, epochs=40, seed=seed)


def test_the_attack_finds_nothing_and_relearning_and_features_find_the_digit():
    everything = probe(TASK.train)
    gone, kept = everything.at(TASK.forget), everything.at(TASK.retain)
    never_seen = probe(Part(np.vstack([TASK.unseen.x, TASK.test.x]), np.concatenate([TASK.unseen.y, TASK.test.y])))
    original, retrained = trained(everything, seed=0), [trained(kept, seed=10 + k) for k in range(3)]
    scrubbed = copy.deepcopy(original)
    with torch.no_grad():
        scrubbed.head.bias[DIGIT] -= 20.0
    box = {"budgets": [0.1], "norm": "linf", "steps": 20, "restarts": 2, "low": 0.0, "high": 1.0, "seed": 0}
    assert np.isinf(climb(scrubbed, gone.x, gone.y, **box).least).all()
    data = BlindSide(gone, probe(TASK.unseen), never_seen, kept)
    models = NetworkModels(scrubbed, original, tuple(retrained))
    rate: dict[str, dict[str, float]] = {}
    for line in probe_lines(models, data, {"probes": list(PROBES)}, prefix="", tier="sealed"):
        rate.setdefault(line["name"], {})[line["arm"]] = line["value"]  # the largest budget comes last
    excess = {name: arms["A"] - np.mean([arms[f"B:{k}"] for k in range(3)]) for name, arms in rate.items()}
    assert excess["relearning.records"] > 0.5
    assert excess["probe.linear"] > 0.15
    assert excess["probe.centroid"] > 0.05
    assert abs(excess["relearning.retain"]) < 0.05
    assert rate["relearning.records"]["P"] == pytest.approx(1.0, abs=0.02)
