"""What hides a memory from gradients and removes nothing: scaled heads, overflowing logits, purified inputs."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from unlearning.verification.pgd import climb

LADDER = {"budgets": [0.1, 0.3, 1.0, 3.0], "steps": 10, "restarts": 1, "low": -torch.inf, "high": torch.inf, "seed": 0}


@pytest.fixture(scope="module")
def small():
    """A network, rows, and for each row a label that it does not say yet."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 4))
        x = torch.randn(40, 20)
    return network, x, (network(x).argmax(dim=1) + 1) % 4


@pytest.mark.parametrize("norm", ["l2", "linf"])
@pytest.mark.parametrize("power", [-100, 100])
def test_a_head_scaled_out_of_sight_falls_at_the_same_budgets(small, norm, power):
    network, x, aims = small
    scaled = copy.deepcopy(network)
    with torch.no_grad():
        for value in (scaled[2].weight, scaled[2].bias):
            value.mul_(2.0**power)
    assert torch.equal(scaled(x).argmax(dim=1), network(x).argmax(dim=1))
    plain, hidden = (climb(model, x, aims, norm=norm, **LADDER).least for model in (network, scaled))
    assert np.isfinite(plain).mean() > 0.3
    np.testing.assert_array_equal(hidden, plain)


@pytest.mark.parametrize("spoiled", [torch.nan, torch.inf])
def test_logits_that_cannot_be_compared_do_not_count_as_forgotten(small, spoiled):
    network, x, aims = small

    def broken(rows):
        return network(rows) * spoiled

    assert (climb(broken, x, aims, norm="l2", **LADDER).least <= 3.0).all()
