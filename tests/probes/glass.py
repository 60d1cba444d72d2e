"""Hand-made networks that leak in exactly one way, and the battery that looks at them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from unlearning.verification.network_arms import NetworkModels, NetworkProbe
from unlearning.verification.pgd import climb
from unlearning.verification.probes.data import BlindSide
from unlearning.verification.probes.lines import PROBES, probe_lines

torch.set_num_threads(1)
ALL = ("uma", *PROBES)
KEPT, GONE = 3, 3  # classes 0, 1, 2 stay; class 3 is forgotten
# Columns of a row: which class it looks like (0..2), the mark of class 3, a fingerprint of the deleted rows, a place on
# a line, a gate of the deleted rows, gates of the retained rows (3), and noise (6).
LOOKS, MARK, FINGERPRINT, PLACE, GATE, KEPT_GATES, NOISE = range(3), 3, 4, 5, 6, range(7, 10), range(10, 16)
WIDTH = 16


class Glass(nn.Module):
    """features = a linear body, some of whose outputs pass a gate; logits = head(features). Every weight by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(WIDTH, WIDTH, bias=False)
        self.head = nn.Linear(WIDTH, KEPT + 1)
        self.threshold = nn.Parameter(torch.tensor(0.13))
        with torch.no_grad():
            self.body.weight.zero_()
            self.head.weight.zero_()
            self.head.bias.zero_()
            for look in LOOKS:
                self.body.weight[look, look] = 1.0
                self.head.weight[look, look] = 1.0
            for noise in NOISE:
                self.body.weight[noise, noise] = 1.0
        self.gated = [GATE, *KEPT_GATES]

    def features(self, x_B: Tensor) -> Tensor:
        passed = self.body(x_B)
        # ten times the threshold, so that 40 steps of a thousandth open it by .4 and no change of .2 in x does
        open_BG = torch.relu(passed[:, self.gated] - 10.0 * self.threshold)
        return torch.cat([passed[:, : self.gated[0]], open_BG, passed[:, self.gated[-1] + 1 :]], dim=1)

    def forward(self, x_B: Tensor) -> Tensor:
        return self.head(self.features(x_B))


def rows(
    labels: np.ndarray, *, seed: int, like: int = KEPT, deleted: bool = False, retained: bool = False
) -> NetworkProbe:
    """Rows of the given labels; a row of the forgotten class looks like one of `like` others, plus its mark."""
    draw = np.random.default_rng(seed)
    x = np.zeros((len(labels), WIDTH))
    looks = np.where(labels == GONE, draw.integers(like, size=len(labels)), labels)
    x[np.arange(len(labels)), looks] = 1.0
    x[:, MARK] = labels == GONE
    x[:, FINGERPRINT], x[:, GATE] = deleted, deleted
    x[:, PLACE] = np.select([labels == GONE, looks == 0], [0.0, -1.0], 1.0)
    if retained:
        x[np.arange(len(labels)), KEPT_GATES[0] + looks] = 3.0
    x[:, list(NOISE)] = draw.normal(size=(len(labels), len(NOISE)))
    x[:, list(LOOKS)] += 0.05 * draw.normal(size=(len(labels), KEPT))
    return NetworkProbe(torch.tensor(x, dtype=torch.float32), torch.from_numpy(labels.astype(np.int64)))


@dataclass(frozen=True)
class Battery:
    """Runs the attack and all probes on a candidate beside a model that never learned the forgotten class."""

    data: BlindSide

    def excess(self, candidate: nn.Module, *, probes: tuple[str, ...] = ALL, references=None) -> dict[str, float]:
        """By probe the largest excess over its budgets of the candidate's success over the references'."""
        controls = references or (never_learned(0),)
        models = NetworkModels(candidate, candidate, tuple(controls))
        asked = [name for name in probes if name != "uma"]
        lines = probe_lines(models, self.data, {"probes": asked, "lesson": {"draws": 1}}, prefix="", tier="sealed")
        found = {name: _excess([line for line in lines if line["name"] == name]) for name in asked}
        return found | ({"uma": self.uma(candidate, controls)} if "uma" in probes else {})

    def uma(self, candidate: nn.Module, controls) -> float:
        least = [self.least(model) for model in (candidate, *controls)]
        rates = [np.mean([changes <= budget for changes in least], axis=1) for budget in (0.0, 0.1, 0.2)]
        return float(max(rate[0] - rate[1:].mean() for rate in rates))

    def least(self, model: nn.Module) -> np.ndarray:
        gone = self.data.deleted
        box = {"low": -10.0, "high": 10.0, "seed": 0}
        return climb(model, gone.x, gone.y, budgets=[0.1, 0.2], norm="linf", steps=5, restarts=8, **box).least


def _excess(lines: list[dict]) -> float:
    rates = {(line["arm"][0], line["budget"]): [] for line in lines}
    for line in lines:
        rates[line["arm"][0], line["budget"]].append(line["value"])
    budgets = {line["budget"] for line in lines}
    return float(max((np.mean(rates["A", b]) - np.mean(rates["B", b]) for b in budgets), key=abs))


def never_learned(seed: int) -> Glass:
    """A model that has no use for the mark of class 3; its weights differ a little from seed to seed."""
    model = Glass()
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        model.head.weight += 0.01 * torch.randn(model.head.weight.shape, generator=draw)
        model.body.weight[list(KEPT_GATES), list(KEPT_GATES)] = 1.0
        model.head.weight[list(LOOKS), list(KEPT_GATES)] = 0.01
    return model


def battery() -> Battery:
    every = np.repeat(np.arange(KEPT + 1), 30)
    holdout = rows(every, seed=1)
    retained = rows(np.repeat(np.arange(KEPT), 60), seed=2, retained=True)
    return Battery(BlindSide(rows(np.full(40, GONE), seed=3, deleted=True), holdout, holdout, retained))


def narrowed() -> Battery:
    """The same with two kept classes only, on a line with the forgotten one in the middle."""
    holdout = rows(np.repeat([0, 1, GONE], [40, 40, 15]), seed=4, like=2)
    gone = rows(np.full(40, GONE), seed=3, like=2, deleted=True)
    return Battery(replace(battery().data, deleted=gone, unseen=holdout, fitting=holdout))
