"""The arms of one comparison: the same attack on the candidate, on its controls, and where it must succeed. Pure.

A    candidate on the deleted rows            B:k  reference k on the deleted rows (never held them)
C    candidate on rows nobody held            D:k  reference k on rows nobody held
E    candidate on unrelated rows, aimed at the deleted rows' targets (specificity)
P    original on the deleted rows (positive control: must succeed, or the attack is broken)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from unlearning.linear import LinearModel
from unlearning.verification.linear_uma import Norm, smallest_changes

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]
Target = Literal["label_only", "with_original"]


@dataclass(frozen=True)
class Probe:
    """Rows to attack, raw features of shape (N, F), and their own labels as positions of shape (N,)."""

    features: Floats
    labels: Positions

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Models:
    """The candidate, the model before the deletion, and models that never held the deleted rows."""

    candidate: LinearModel
    original: LinearModel
    references: tuple[LinearModel, ...]


@dataclass(frozen=True)
class Arm:
    """One arm's outcome: the least change per row."""

    name: str
    changes: Floats


def attack_arms(models: Models, deleted: Probe, unseen: Probe, *, norm: Norm, target: Target, seed: int) -> list[Arm]:
    """All arms of one comparison, with the same attack and the same rows for every model."""
    goals, unseen_goals = _goals(models, deleted, target), _goals(models, unseen, target)
    arms = [Arm("A", _changes(models.candidate, deleted, goals, norm))]
    arms += [Arm(f"B:{k}", _changes(model, deleted, goals, norm)) for k, model in enumerate(models.references)]
    arms += [Arm("C", _changes(models.candidate, unseen, unseen_goals, norm))]
    arms += [Arm(f"D:{k}", _changes(model, unseen, unseen_goals, norm)) for k, model in enumerate(models.references)]
    unrelated, aims = unrelated_rows(unseen, goals, seed=seed)
    arms += [Arm("E", _changes(models.candidate, unrelated, aims, norm))] if len(unrelated) else []
    return [*arms, Arm("P", _changes(models.original, deleted, goals, norm))]


def unrelated_rows(unseen: Probe, goals_N: Positions, *, seed: int) -> tuple[Probe, Positions]:
    """For each goal a random unseen row of another label; goals that every unseen row carries are left out."""
    picked, aims = unrelated_picks(unseen.labels, goals_N, seed=seed)
    return Probe(unseen.features[picked], unseen.labels[picked]), aims


def unrelated_picks(labels_M: Positions, goals_N: Positions, *, seed: int) -> tuple[Positions, Positions]:
    """Indexes of unseen rows and what each is aimed at."""
    draw = np.random.default_rng(seed)
    picked, aims = [], []
    for goal in goals_N.tolist():
        others = np.flatnonzero(labels_M != goal)
        if len(others):
            picked.append(int(draw.choice(others)))
            aims.append(goal)
    return np.array(picked, dtype=np.int64), np.array(aims, dtype=np.int64)


def _goals(models: Models, probe: Probe, target: Target) -> Positions:
    return probe.labels if target == "label_only" else models.original.predict(probe.features)


def _changes(model: LinearModel, probe: Probe, goals: Sequence[int] | Positions, norm: Norm) -> Floats:
    scores_NC = model.scores(probe.features)
    return smallest_changes(scores_NC, model.class_weights(), np.asarray(goals), norm=norm)
