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
    for seed in range(2):
        logits, base, targets, weights_CF = linear(seed=seed, rows=100)
        found.append(climb(logits, base, targets, budgets=LADDER, norm=norm, **ATTACK).least)
        wanted.append(exact(logits, base, targets, weights_CF, norm))
    least, minimum = np.concatenate(found), np.concatenate(wanted)
    assert (least >= minimum - 1e-9).all()
    rung = np.array([0.0, *LADDER, np.inf])[np.searchsorted([0.0, *LADDER], minimum - 1e-9)]
    next_rung = np.array([0.0, *LADDER, np.inf, np.inf])[np.searchsorted([0.0, *LADDER], minimum - 1e-9) + 1]
    assert (least <= next_rung).mean() >= 0.99
    assert (least == rung).mean() >= 0.9


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["linf", "l2"]), st.sampled_from(["margin", "cross_entropy"]))
def test_no_success_is_ever_reported_below_the_exact_minimum(seed, norm, loss):
    logits, base, targets, weights_CF = linear(seed=seed, rows=10)
    found = climb(logits, base, targets, budgets=LADDER[::4], norm=norm, loss=loss, **ATTACK)
    assert (found.least >= exact(logits, base, targets, weights_CF, norm) - 1e-9).all()


def bent(*, seed=0, rows=30, features=5):
    """A small random network that is not linear, and rows within the unit box."""
    draw = torch.Generator().manual_seed(seed)
    first, second = torch.randn(features, 16, generator=draw), torch.randn(16, 3, generator=draw)
    base = torch.rand(rows, features, generator=draw)
    return (lambda x: torch.tanh(x @ first) @ second), base, torch.randint(3, (rows,), generator=draw)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["linf", "l2"]), st.booleans())
def test_no_query_ever_leaves_the_ball_the_box_or_touches_a_frozen_feature(seed, norm, some_frozen):
    logits, base, targets = bent(seed=seed)
    free = torch.tensor([True, False, True, True, False]) if some_frozen else None
    asked = []

    def watched(x):
        asked.append(x.detach())
        return logits(x)

    # Alone, so that each query is known to belong to the one row; half of the row lies outside the box.
    row, budget = base[:1] * 1.5, 0.3
    attack = {"steps": 5, "restarts": 3, "low": 0.0, "high": 1.0, "seed": seed}
    climb(watched, row, targets[:1], budgets=[budget], norm=norm, free=free, **attack)
    change = torch.cat(asked) - row
    lengths = change.abs().amax(dim=1) if norm == "linf" else change.norm(dim=1)
    assert (lengths <= budget * (1 + 1e-5)).all()
    assert (torch.cat(asked) <= row.clamp(min=1.0) + 1e-6).all()
    assert (torch.cat(asked) >= 0.0).all()
    if free is not None:
        assert (change[:, ~free] == 0.0).all()


def test_bounds_per_feature_hold_for_their_feature():
    logits, base, targets = bent()
    low, high = base.amin(dim=0), base.amax(dim=0)
    high[2] = low[2] = 0.5  # every row may only move towards .5 there
    wide = climb(logits, base, targets, budgets=[0.4], norm="linf", **ATTACK).least
    narrow = climb(logits, base, targets, budgets=[0.4], norm="linf", **ATTACK | {"low": low, "high": high}).least
    assert (wide <= narrow).all()
    assert (wide < narrow).any()


def test_what_a_small_budget_finds_does_not_hang_on_the_larger_ones_asked_for():
    logits, base, targets = bent(rows=60)
    how = {"norm": "linf", **ATTACK | {"restarts": 1}}
    few = climb(logits, base, targets, budgets=[0.05, 0.1], **how).least
    many = climb(logits, base, targets, budgets=[0.1, 0.3, 0.05, 0.2], **how).least
    assert (np.where(many <= 0.1, many, np.inf) == few).all()


def test_a_goal_that_is_met_already_costs_no_gradient():
    logits, base, _ = bent()
    found = climb(logits, base, logits(base).argmax(dim=1), budgets=[0.1, 0.2], norm="l2", **ATTACK)
    assert found.least.tolist() == [0.0] * len(base)
    assert found.gradients == 0


def test_a_network_that_never_says_the_label_is_never_made_to_and_a_tie_does_not_count():
    base, targets = torch.rand(4, 3), torch.zeros(4, dtype=torch.int64)
    flat = climb(lambda x: 0.0 * x, base, targets, budgets=[0.1], norm="linf", **ATTACK)
    assert flat.least.tolist() == [np.inf] * 4


def test_same_seed_same_answer_and_a_rows_answer_does_not_hang_on_who_else_falls():
    logits, base, targets = bent(rows=40)
    how = {"budgets": [0.05, 0.1, 0.2], "norm": "linf", **ATTACK}
    one, two = (climb(logits, base, targets, **how).least for _ in range(2))
    assert (one == two).all()
    met = logits(base).argmax(dim=1)
    eased = torch.where(torch.arange(40) < 20, met, targets)  # the first half stops at once
    assert (climb(logits, base, eased, **how).least[20:] == one[20:]).all()


def test_more_restarts_never_lose_a_row():
    logits, base, targets = bent(rows=60, seed=3)
    least = [
        climb(logits, base, targets, budgets=LADDER[::3], norm="linf", **ATTACK | {"restarts": restarts}).least
        for restarts in (1, 2, 5)
    ]
    assert (least[1] <= least[0]).all()
    assert (least[2] <= least[1]).all()


def test_queries_may_start_from_noise_instead_of_rows():
    logits, base, targets = bent(rows=40)
    noise = torch.rand(base.shape, generator=torch.Generator().manual_seed(9))
    found = climb(logits, noise, targets, budgets=[0.1, 0.5, 1.0], norm="linf", **ATTACK)
    assert ((found.least == 0.0) == (logits(noise).argmax(dim=1) == targets).numpy()).all()
    assert (found.least <= 1.0).mean() > 0.5


def test_rows_are_attacked_in_batches_and_progress_says_how_many_are_done():
    logits, base, targets = bent(rows=25)
    done = []
    how = {"budgets": [0.1, 0.3], "norm": "linf", **ATTACK | {"restarts": 1}}
    split = climb(logits, base, targets, batch=10, progress=done.append, **how)
    assert done == [10, 20, 25]
    assert (split.least == climb(logits, base, targets, **how).least).all()
