"""Never-seen twins: to a model that never held the canaries they are the same."""

from __future__ import annotations

import torch

from unlearning.classifiers.network import build
from unlearning.classifiers.tasks import digits_architecture
from unlearning.verification.network_arms import NetworkProbe, said
from unlearning.verification.network_twins import twins_of


def canaries(*, seed, count=60, features=64, reach=3.0):
    draw = torch.Generator().manual_seed(seed)
    x = reach * (2.0 * torch.randint(2, (count, features), generator=draw) - 1.0)
    return NetworkProbe(x, torch.randint(10, (count,), generator=draw))


def test_twins_of_a_tables_canaries_are_as_far_out_and_none_is_a_canary():
    planted = canaries(seed=0)
    planted = NetworkProbe(planted.x * torch.rand(60, 1, generator=torch.Generator().manual_seed(1)), planted.y)
    twins = twins_of(planted, planted, kind="redrawn", classes=10, seed=0)
    assert len(twins) == 240
    distances = {round(float(value), 5) for value in planted.x.abs().amax(dim=1)}
    assert {round(float(value), 5) for value in twins.x.abs().amax(dim=1)} <= distances
    assert not (twins.x[:, None] == planted.x).all(dim=2).any()


def test_a_model_that_never_held_them_is_right_as_often_on_canaries_as_on_twins():
    stranger = build(digits_architecture("mlp", width=16), seed=4)
    planted = canaries(seed=0, count=1000)
    twins = twins_of(planted, planted, kind="redrawn", classes=10, seed=0)
    right = [float((said(stranger, rows.x) == rows.y).float().mean()) for rows in (planted, twins)]
    assert abs(right[0] - 0.1) < 0.03
    assert abs(right[1] - 0.1) < 0.02


def test_twins_of_pictures_are_never_seen_pictures_with_tossed_labels():
    draw = torch.Generator().manual_seed(0)
    holdout = NetworkProbe(torch.rand(50, 1, 8, 8, generator=draw), torch.zeros(50, dtype=torch.int64))
    planted = NetworkProbe(torch.rand(30, 1, 8, 8, generator=draw), torch.zeros(30, dtype=torch.int64))
    twins = twins_of(planted, holdout, kind="holdout", classes=10, seed=0)
    assert len(twins) == 50  # no more than there are
    assert (twins.x[:, None] == holdout.x).flatten(2).all(dim=2).any(dim=1).all()
    assert len(set(twins.y.tolist())) > 5


def test_the_same_seed_draws_the_same_twins():
    one, other = (twins_of(canaries(seed=0), canaries(seed=1), kind="redrawn", classes=10, seed=5) for _ in range(2))
    assert torch.equal(one.x, other.x)
    assert torch.equal(one.y, other.y)
