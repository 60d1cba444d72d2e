"""The arms of one comparison for networks: what `arms` is to linear models. No file is read here.

A candidate on the deleted rows, B:k reference k on them, C and D:k the same on rows nobody held, E the candidate on
unrelated rows aimed at the deleted rows' targets, P the original on the deleted rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from unlearning.verification.arms import Arm, Target, unrelated_picks
from unlearning.verification.ascent import Logits
from unlearning.verification.linear_uma import Norm
from unlearning.verification.pgd import climb
from unlearning.verification.transfer import carry_over

Source = Literal["none", "original", "reference"]
Told = Callable[[int], None]


@dataclass(frozen=True)
class NetworkModels:
    """The candidate, the model before the deletion, and models that never held the deleted rows, all in eval mode.

    Each turns x of shape (N, ...) into logits of shape (N, C). Probes of the penultimate layer need `.features` and
    `.head` as well, as unlearning.classifiers.network.Network has them.
    """

    candidate: Logits
    original: Logits
    references: tuple[Logits, ...]


@dataclass(frozen=True)
class NetworkProbe:
    """Rows as the networks take them: x, float32 of shape (N, ...), and positions of their labels y, int64 (N,)."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)

    def at(self, rows: Tensor | Sequence[int]) -> NetworkProbe:
        """The rows with these indexes."""
        chosen = torch.as_tensor(rows, dtype=torch.int64)
        return NetworkProbe(self.x[chosen], self.y[chosen])


@dataclass(frozen=True, kw_only=True)
class Strength:
    """How hard the attack tries; all of it is fixed before anything is looked at.

    target: what counts as success, the row's own label or what the original says of it. low, high, free: the box and
    what an attacker may change, in scaled features (see `climb`).
    """

    budgets: tuple[float, ...]
    norm: Norm = "linf"
    target: Target = "label_only"
    steps: int = 20
    restarts: int = 2
    low: float | Tensor = -torch.inf
    high: float | Tensor = torch.inf
    free: Tensor | None = None
    seed: int = 0
    batch: int = 512


@dataclass(frozen=True)
class Group:
    """Rows with what they are aimed at, and the models to be asked, by the arm's name."""

    rows: NetworkProbe
    goals: Tensor
    asked: dict[str, Logits]


def groups_of(models: NetworkModels, deleted: NetworkProbe, unseen: NetworkProbe, strength: Strength) -> list[Group]:
    """All arms of one comparison: the same rows and the same aims for every model."""
    goals, unseen_goals = goals_of(models, deleted, strength.target), goals_of(models, unseen, strength.target)
    picked, aims = unrelated_picks(unseen.y.cpu().numpy(), goals.cpu().numpy(), seed=strength.seed)
    on_deleted = {f"B:{k}": model for k, model in enumerate(models.references)}
    on_unseen = {f"D:{k}": model for k, model in enumerate(models.references)}
    groups = [
        Group(deleted, goals, {"A": models.candidate, **on_deleted, "P": models.original}),
        Group(unseen, unseen_goals, {"C": models.candidate, **on_unseen}),
    ]
    if len(picked):
        groups.append(Group(unseen.at(picked), torch.as_tensor(aims, device=goals.device), {"E": models.candidate}))
    return groups


def goals_of(models: NetworkModels, rows: NetworkProbe, target: Target) -> Tensor:
    """The label that the attack wants to hear for each row."""
    return rows.y if target == "label_only" else said(models.original, rows.x)


def said(model: Logits, x_N: Tensor, *, batch: int = 1024) -> Tensor:
    """The class the model gives each row, as positions (N,)."""
    with torch.no_grad():
        parts = [model(part).argmax(dim=1) for part in torch.split(x_N, batch)]
    return torch.cat(parts) if parts else torch.empty(0, dtype=torch.int64)


def work(groups: Sequence[Group]) -> int:
    """Rows to attack in all, over all arms: what progress counts."""
    return sum(len(group.rows) * len(group.asked) for group in groups)


def attack_arms(groups: Sequence[Group], strength: Strength, *, told: Told | None = None) -> list[Arm]:
    """The attack with the judged model's own gradients. `told` hears after each batch how many rows are done."""
    arms: list[Arm] = []
    done = 0
    for group in groups:
        for name, model in group.asked.items():
            found = climb(model, group.rows.x, group.goals, **_how(strength), progress=_from(done, 1, told))
            arms.append(Arm(name, found.least))
            done += len(group.rows)
    return arms


def transfer_arms(
    source: Logits, groups: Sequence[Group], strength: Strength, *, told: Told | None = None
) -> list[Arm]:
    """The attack crafted on `source` alone; a model that is the source itself is left out: for it, it is no transfer.

    The original stays in as the positive control: its arm says that the crafted queries do work where they were made.
    """
    arms: list[Arm] = []
    done = 0
    for group in groups:
        asked = {name: model for name, model in group.asked.items() if model is not source or name == "P"}
        told_here = _from(done, len(group.asked), told)
        found = carry_over(
            source, list(asked.values()), group.rows.x, group.goals, **_how(strength), progress=told_here
        )
        arms += [Arm(name, one.least) for name, one in zip(asked, found, strict=True)]
        done += len(group.rows) * len(group.asked)
    return arms


def _how(strength: Strength) -> dict[str, Any]:
    names = ("budgets", "norm", "steps", "restarts", "low", "high", "free", "seed", "batch")
    return {name: getattr(strength, name) for name in names}


def _from(done: int, each: int, told: Told | None) -> Told | None:
    return None if told is None else lambda rows: told(done + each * rows)
