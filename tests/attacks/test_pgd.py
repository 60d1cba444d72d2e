"""The gradient attack against what can be known exactly: linear networks, boxes, frozen columns, seeds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearning.verification.linear_uma import smallest_changes
from unlearning.verification.pgd import climb

torch.set_num_threads(1)
LADDER = [round(0.02 * rung, 2) for rung in range(1, 26)]
ATTACK = {"steps": 20, "restarts": 3, "low": -torch.inf, "high": torch.inf, "seed": 0}


def linear(*, seed, rows=40, features=6, classes=4):
    """A linear network in float64 with rows of which many miss their random target."""
    draw = torch.Generator().manual_seed(seed)
    weights_CF = torch.randn(classes, features, generator=draw, dtype=torch.float64)
    base = 0.3 * torch.randn(rows, features, generator=draw, dtype=torch.float64)
    targets = torch.randint(classes, (rows,), generator=draw)
    return (lambda x: x @ weights_CF.T), base, targets, weights_CF


def exact(logits, base, targets, weights_CF, norm):
    return smallest_changes(logits(base).numpy(), weights_CF.numpy(), targets.numpy(), norm=norm)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_on_a_linear_network_the_attack_ends_within_a_rung_of_the_exact_minimum(norm):
    found, wanted = [], []
    for seed in range(5):
        logits, base, targets, weights_CF = linear(seed=seed, rows=100)
        found.append(climb(logits, base, targets, budgets=LADDER, norm=norm, **ATTACK).least)
        wanted.append(exact(logits, base, targets, weights_CF, norm))
    least, minimum = np.concatenate(found), np.concatenate(wanted)
    assert (least >= minimum - 1e-9).all()
    rung = np.array([0.0, *LADDER, np.inf])[np.searchsorted([0.0, *LADDER], minimum - 1e-9)]
    next_rung = np.array([0.0, *LADDER, np.inf, np.inf])[np.searchsorted([0.0, *LADDER], minimum - 1e-9) + 1]
    assert (least <= next_rung).mean() >= 0.99
    assert (least == rung).mean() >= 0.9


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["linf", "l2"]), st.sampled_from(["margin", "cross_entropy"]))
def test_no_success_is_ever_reported_below_the_exact_minimum(seed, norm, loss):
    logits, base, targets, weights_CF = linear(seed=seed, rows=10)
    found = climb(logits, base, targets, budgets=LADDER[::4], norm=norm, loss=loss, **ATTACK)
    assert (found.least >= exact(logits, base, targets, weights_CF, norm) - 1e-9).all()
