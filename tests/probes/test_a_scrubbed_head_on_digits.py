"""A real network whose head alone was scrubbed of a digit: what the attack reports, and what the probes report."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from governance.verification.reading import batteries_of
from governance.verification.verdict import Utility, judge
from unlearning.classifiers.network import Network, build
from unlearning.classifiers.tasks import Part, class_task, digits_architecture
from unlearning.classifiers.training import fit
from unlearning.verification.measurements import ladder
from unlearning.verification.network_arms import NetworkModels, NetworkProbe, Strength, attack_arms, groups_of
from unlearning.verification.probes.data import BlindSide
from unlearning.verification.probes.lines import PROBES, probe_lines

pytestmark = pytest.mark.slow
DIGIT, TASK, MADE = 3, class_task(seed=0), digits_architecture("mlp", width=64)


def probe(part: Part) -> NetworkProbe:
    return NetworkProbe(torch.from_numpy(MADE.scaled(part.x)), torch.from_numpy(MADE.positions(part.y)))


def trained(rows: NetworkProbe, *, seed: int) -> Network:
    return fit(build(MADE, seed=seed), rows.x, rows.y, epochs=40, seed=seed)


@pytest.fixture(scope="module")
def lines() -> list[dict]:
    """Everything measured on the scrubbed network: the attack's ladder and all probes."""
    everything = probe(TASK.train)
    gone, kept = everything.at(TASK.forget), everything.at(TASK.retain)
    never_seen = probe(Part(np.vstack([TASK.unseen.x, TASK.test.x]), np.concatenate([TASK.unseen.y, TASK.test.y])))
    original, retrained = trained(everything, seed=0), [trained(kept, seed=10 + k) for k in range(5)]
    scrubbed = copy.deepcopy(original)
    with torch.no_grad():
        scrubbed.head.bias[DIGIT] -= 20.0
    data = BlindSide(gone, probe(TASK.unseen), never_seen, kept)
    models = NetworkModels(scrubbed, original, tuple(retrained))
    strength = Strength(budgets=(0.0, 0.05, 0.1), low=0.0, high=1.0)
    arms = attack_arms(groups_of(models, gone, data.unseen, strength), strength)
    found = ladder("uma.linf.label_only", arms, strength.budgets, deleted_tier="sealed")
    return found + probe_lines(models, data, {"probes": list(PROBES)}, prefix="", tier="sealed")


def test_the_attack_finds_nothing_and_relearning_and_features_find_the_digit(lines):
    rate: dict[str, dict[str, float]] = {}
    for line in lines:
        if line["budget"] is not None:
            rate.setdefault(line["name"], {})[line["arm"]] = line["value"]  # the largest budget comes last
    excess = {name: arms["A"] - np.mean([arms[f"B:{k}"] for k in range(5)]) for name, arms in rate.items()}
    assert rate["uma.linf.label_only"]["A"] == 0.0
    assert excess["relearning.records"] > 0.5
    assert excess["probe.linear"] > 0.15
    assert excess["probe.centroid"] > 0.05
    assert abs(excess["relearning.retain"]) < 0.05
    assert rate["relearning.records"]["P"] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(
    ("probes", "outcome"),
    [
        ((), "passed"),
        (("relearning.retain",), "passed"),
        (("relearning.records",), "failed_residual"),
        (("probe.linear",), "failed_residual"),
        (PROBES, "failed_residual"),
    ],
)
def test_the_verdict_lets_a_scrubbed_head_pass_exactly_where_no_probe_of_its_own_was_asked(lines, probes, outcome):
    asked = [line for line in lines if line["name"].startswith("uma") or line["name"] in probes]
    policy = {"margin": 0.1, "level": 0.05, "utility_floor": 0.8, "resamples": 400, "seed": 0, "scope": "class"}
    found = judge(batteries_of(asked, canaries=False), Utility(successes=390, trials=400), policy)
    assert found.outcome == outcome, found.reasons
