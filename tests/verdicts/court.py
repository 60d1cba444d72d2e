"""Networks that forgot and networks that only seem to, judged by the real attack and the real verdict."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch

from governance.verification.reading import batteries_of
from governance.verification.verdict import Finding, Utility, judge
from unlearning.classifiers.network import Network, build
from unlearning.classifiers.tasks import TRAINING, Part, Task, digits_architecture
from unlearning.classifiers.training import fit
from unlearning.verification.measurements import Measurement, ladder
from unlearning.verification.network_arms import (
    Group,
    NetworkModels,
    NetworkProbe,
    Strength,
    attack_arms,
    groups_of,
    said,
)

BUDGETS = (0.0, 0.05, 0.1, 0.15)
ATTACK = Strength(budgets=BUDGETS, low=0.0, high=1.0)
# Enough to learn the planted labels by heart.
EPOCHS = 25
NAME = "uma.linf.label_only"
POLICY: dict[str, Any] = {
    "level": 0.05,
    "margin": 0.1,
    "utility_floor": 0.75,
    "resamples": 2000,
    "seed": 0,
    "budgets": list(BUDGETS),
}


@dataclass
class Court:
    """One task with its original, its retrained references, and the verdict on any candidate."""

    task: Task
    seed: int
    count: int

    def trained(self, rows: Any, seed: int) -> Network:
        network = build(digits_architecture(), seed=seed)
        return fit(
            network,
            network.scaled(self.task.train.x[rows]),
            self.task.train.y[rows],
            seed=seed,
            **TRAINING | {"epochs": 25},
        )

    @cached_property
    def original(self) -> Network:
        return self.trained(np.arange(len(self.task.train)), self.seed)

    @cached_property
    def references(self) -> tuple[Network, ...]:
        return tuple(self.trained(self.task.retain, 100 + 20 * self.seed + k) for k in range(self.count))

    def side(self, part: Part) -> NetworkProbe:
        return NetworkProbe(self.original.scaled(part.x), torch.as_tensor(part.y))

    @property
    def forget(self) -> NetworkProbe:
        return self.side(self.task.train.at(self.task.forget))

    @property
    def retain(self) -> NetworkProbe:
        return self.side(self.task.train.at(self.task.retain))

    def groups(self, candidate: Network) -> list[Group]:
        models = NetworkModels(candidate, self.original, self.references)
        return groups_of(models, self.forget, self.side(self.task.unseen), ATTACK)

    @cached_property
    def control_lines(self) -> list[Measurement]:
        """The controls are the same for every candidate."""
        return self.lines(self.groups(self.original), lambda arm: arm[0] in "BDP")

    def lines(self, groups: list[Group], wanted: Callable[[str], bool]) -> list[Measurement]:
        asked = [replace(one, asked={arm: net for arm, net in one.asked.items() if wanted(arm)}) for one in groups]
        return ladder(NAME, attack_arms(asked, ATTACK), BUDGETS, deleted_tier="sealed")

    def verdict(self, candidate: Network, **rules: Any) -> Finding:
        lines = [*self.control_lines, *self.lines(self.groups(candidate), lambda arm: arm[0] in "ACE")]
        test = self.side(self.task.test)
        right = int((said(candidate, test.x) == test.y).sum())
        return judge(batteries_of(lines, canaries=False), Utility(successes=right, trials=len(test)), POLICY | rules)

    def accuracy(self, model: Network, side: NetworkProbe) -> float:
        return float((said(model, side.x) == side.y).float().mean())

    def between(self, one: Network, other: Network, *, share: float) -> Network:
        """`share` of the way from one model to another: a leak of reduced strength."""
        mixed, theirs = deepcopy(one), other.state_dict()
        mixed.load_state_dict(
            {name: (1 - share) * value + share * theirs[name] for name, value in one.state_dict().items()}
        )
        return mixed
