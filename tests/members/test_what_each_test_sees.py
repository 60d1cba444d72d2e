"""Models given as tables of answers, so that it is known what each membership test can and cannot see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from unlearning.runner.refusals import Refused
from unlearning.verification.members.data import Membership, Shadows
from unlearning.verification.members.lines import member_lines
from unlearning.verification.members.scoring import KINDS
from unlearning.verification.members.shadow_plan import halves
from unlearning.verification.network_arms import NetworkModels, NetworkProbe

DELETED, UNSEEN, SHADOWS = 60, 100, 16
ROWS = DELETED + UNSEEN
SEEN, BLIND = 0.5, 0.15
Floats = np.ndarray


class Answers(nn.Module):
    """Row n has its label (class 0) with confidence phi_n; the rest is split between two classes as w_n : 1 - w_n."""

    def __init__(self, confidence: Floats, share: Floats | float = 0.5) -> None:
        super().__init__()
        share = np.broadcast_to(share, confidence.shape)
        logits = np.stack([confidence, np.log(share), np.log1p(-share)], axis=1)
        self.register_buffer("logits", torch.tensor(logits))

    def forward(self, x_N1: Tensor) -> Tensor:
        return self.logits[x_N1[:, 0].long()]


class World:
    """Rows of very different difficulty; models that held a row are `gain` surer of it than models that did not."""

    def __init__(self, *, gain: float = 3.0, left: float = 0.0, noise_left: float = 1.0, pool: int = ROWS) -> None:
        self.draw = np.random.default_rng(0)
        self.hard = self.draw.normal(0.0, 6.0, ROWS)
        self.held = halves(ROWS, shadows=SHADOWS, seed=1) & (np.arange(ROWS) < pool)
        trained = [self.model(gain * held) for held in self.held]
        unlearned = [self.model(left * held, noise=np.where(held, noise_left, 1.0)) for held in self.held]
        keys = tuple(("features", row) for row in range(ROWS))
        marks = self.held[:, :pool]
        shadows = Shadows(tuple(trained), tuple(unlearned), keys[:pool], marks, marks)
        x, y = torch.arange(ROWS, dtype=torch.float32)[:, None], torch.zeros(ROWS, dtype=torch.int64)
        probes = NetworkProbe(x[:DELETED], y[:DELETED]), NetworkProbe(x[DELETED:], y[DELETED:])
        self.data = Membership(*probes, keys[:DELETED], keys[DELETED:], shadows)

    def model(self, shift: Floats | float = 0.0, *, noise: Floats | float = 1.0) -> Answers:
        return Answers(self.hard + shift + noise * self.draw.normal(size=ROWS))

    def excess(self, candidate: nn.Module, reference: Callable[[], nn.Module]) -> dict[str, float]:
        """By test and tail, how many more deleted rows are flagged in the candidate than in two references."""
        models = NetworkModels(candidate, candidate, (reference(), reference()))
        lines = member_lines(models, self.data, {"membership": list(KINDS)}, prefix="", tier="sealed")
        rate = {(line["name"], line["arm"]): line["value"] for line in lines if line["budget"] == 0.1}
        names = sorted({name for name, _ in rate})
        found = {name: rate[name, "A"] - (rate[name, "B:0"] + rate[name, "B:1"]) / 2.0 for name in names}
        return {name.removeprefix("membership."): value for name, value in found.items()}


def gone(value: float) -> Floats:
    """The value on deleted rows, 0 on never-seen ones."""
    return np.where(np.arange(ROWS) < DELETED, value, 0.0)


def seen(excess: dict[str, float]) -> set[str]:
    assert all(value > SEEN or abs(value) < BLIND for value in excess.values()), excess
    return {name for name, value in excess.items() if value > SEEN}


def test_a_model_that_remembers_rows_by_little_is_seen_by_likelihood_ratios_alone():
    world = World(gain=3.0)
    found = world.excess(world.model(gone(3.0)), world.model)
    assert found["lira.near"] > SEEN
    assert all(abs(value) < BLIND for name, value in found.items() if "lira" not in name), found


def test_only_u_lira_sees_the_mark_that_the_unlearning_itself_leaves():
    world = World(gain=3.0, left=0.0, noise_left=0.05)
    marked = world.model(noise=np.where(np.arange(ROWS) < DELETED, 0.05, 1.0))
    assert seen(world.excess(marked, world.model)) == {"ulira.near"}


def test_only_the_entropies_see_answers_that_differ_beside_the_label():
    world = World()
    world.hard = np.full(ROWS, -4.0)
    calm = lambda share: Answers(world.hard + 0.1 * world.draw.normal(size=ROWS), share)  # noqa: E731
    spread = 0.5 - 0.1 * world.draw.random(ROWS)
    found = world.excess(calm(np.where(np.arange(ROWS) < DELETED, 1e-3, spread)), lambda: calm(spread))
    assert {name for name, value in found.items() if value > SEEN} == {"entropy.near", "modified_entropy.far"}
    assert abs(found["loss.near"]) < BLIND and abs(found["loss.far"]) < BLIND


def test_entropy_does_not_see_labels_that_come_back_as_surely_as_others_were_denied():
    world = World()
    world.hard = np.zeros(ROWS)
    sure = lambda right: Answers(np.where(right, 12.0, -12.0) + world.draw.normal(size=ROWS), 1e-12)  # noqa: E731
    few = np.arange(ROWS) % 20 == 0
    found = world.excess(sure((np.arange(ROWS) < DELETED) | few), lambda: sure(few))
    assert found["loss.near"] > SEEN
    assert found["entropy.near"] < BLIND


def test_forgetting_that_overshoots_is_seen_by_the_far_tail_and_not_by_the_near_one():
    world = World(gain=3.0)
    found = world.excess(world.model(gone(-40.0)), world.model)
    assert {"loss.far", "lira.far"} <= {name for name, value in found.items() if value > SEEN}
    assert found["loss.near"] <= 0.0 and found["lira.near"] < SEEN


def test_a_model_that_never_held_the_rows_is_accused_by_nothing():
    world = World()
    assert seen(world.excess(world.model(), world.model)) == set()


def test_lines_name_every_arm_and_carry_area_interval_and_curve():
    world = World()
    models = NetworkModels(world.model(gone(3.0)), world.model(gone(3.0)), (world.model(),))
    lines = member_lines(models, world.data, {"membership": ["loss", "lira"]}, prefix="canary.", tier="open")
    arms = {line["arm"] for line in lines if line["name"] == "canary.membership.loss.near"}
    assert arms == {"A", "B:0", "C", "D:0", "P"}
    assert {line["budget"] for line in lines} == {None, 0.01, 0.05, 0.1}
    by_name = {(line["name"], line["arm"]): line for line in lines if line["budget"] is None}
    area, interval = by_name["canary.membership.lira", "A"], by_name["canary.membership.lira.interval", "A"]
    assert interval["per_record"][0] < area["value"] < interval["per_record"][1]
    assert len(area["per_record"]) == DELETED
    assert by_name["canary.membership.loss.roc", "P"]["per_record"][-2:] == [1.0, 1.0]
    assert {line["tier"] for line in lines if line["name"].startswith("canary.membership.lira")} == {"sealed"}
    tiers = {line["arm"]: line["tier"] for line in lines if line["name"] == "canary.membership.loss.far"}
    assert tiers == {"A": "open", "B:0": "sealed", "C": "open", "D:0": "sealed", "P": "sealed"}


def test_strangers_that_no_shadow_held_leave_lira_offline_and_u_lira_out():
    world = World(gain=3.0, pool=DELETED)
    twins = replace(world.data, unseen_keys=())
    models = NetworkModels(world.model(gone(3.0)), world.model(gone(3.0)), (world.model(),))
    lines = member_lines(models, twins, {"membership": ["lira", "ulira"]}, prefix="canary.", tier="open")
    assert not [line for line in lines if "ulira" in line["name"]]
    rate = {line["arm"]: line["value"] for line in lines if line["name"].endswith("near") and line["budget"] == 0.1}
    assert rate["A"] > SEEN and rate["B:0"] < 0.3


@pytest.mark.parametrize(
    ("change", "asked", "code"),
    [
        ({"shadows": None}, "lira", "SHADOWS_MISSING"),
        ({"shadows": "trained only"}, "ulira", "SHADOWS_NOT_UNLEARNED"),
        ({"shadows": "few"}, "lira", "SHADOWS_TOO_FEW"),
        ({"unseen": 5}, "loss", "TOO_FEW_NEVER_SEEN"),
        ({}, "rumour", "MEMBERSHIP_UNKNOWN"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_its_remedy(change, asked, code):
    world = World()
    data, given = world.data, world.data.shadows
    shadows = {
        "trained only": Shadows(given.trained, (), given.pool, given.held, given.gone),
        "few": Shadows(given.trained[:4], given.unlearned[:4], given.pool, given.held[:4], given.gone[:4]),
        None: None,
    }[change["shadows"]] if "shadows" in change else given  # fmt: skip
    unseen = data.unseen.at(range(change.get("unseen", UNSEEN)))
    asked_of = Membership(data.deleted, unseen, data.deleted_keys, data.unseen_keys[: len(unseen)], shadows)
    models = NetworkModels(world.model(), world.model(), (world.model(),))
    with pytest.raises(Refused) as refusal:
        member_lines(models, asked_of, {"membership": [asked]}, prefix="", tier="sealed")
    assert refusal.value.code == code
