"""Cheap twins: linear models with more features than records, so that there is memory to find. For table and tests.

Labels are coin tosses, so a model that never held a record yields its label half the time, and one that held it,
always. A training is the interpolation that is nearest to its random start (what gradient descent from there ends at),
so trainings of one recipe differ as networks do. The attack is exact: the least l2 change that gives the label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from governance.verification.verdict import Finding, Rung, Utility, judge

Floats = npt.NDArray[np.float64]
BUDGETS = (0.0, 0.01, 0.02)
USEFUL = Utility(successes=960, trials=1000)
POLICY = {"margin": 0.10, "level": 0.05, "utility_floor": 0.8, "resamples": 200, "seed": 7}


@dataclass(frozen=True)
class World:
    """One data set: rows to forget, rows that stay, rows nobody holds; all labels are -1 or 1."""

    forget: tuple[Floats, Floats]
    retain: tuple[Floats, Floats]
    unseen: tuple[Floats, Floats]
    draw: np.random.Generator
    restlessness: float

    @classmethod
    def drawn(cls, *, forgotten: int, seed: int, retained: int = 100, restlessness: float = 0.5) -> World:
        """`restlessness`: length of a random start beside that of a solution."""
        draw = np.random.default_rng(seed)
        width = 2 * (forgotten + retained)

        def rows(count: int) -> tuple[Floats, Floats]:
            return draw.standard_normal((count, width)) / np.sqrt(width), draw.choice([-1.0, 1.0], size=count)

        return cls(rows(forgotten), rows(retained), rows(forgotten), draw, restlessness)

    def original(self) -> Floats:
        """A training on everything."""
        return self.trained(*(np.concatenate(parts) for parts in zip(self.forget, self.retain, strict=True)))

    def retrained(self, count: int) -> list[Floats]:
        """Trainings that never held a row to forget."""
        return [self.trained(*self.retain) for _ in range(count)]

    def trained(self, rows_NF: Floats, labels_N: Floats) -> Floats:
        """Weights of shape (F,): of all that fit every row, those nearest to a random start."""
        start_F = self.draw.standard_normal(rows_NF.shape[1]) * self.restlessness
        gaps_N = np.linalg.solve(rows_NF @ rows_NF.T, labels_N - rows_NF @ start_F)
        weights_F: Floats = start_F + rows_NF.T @ gaps_N
        return weights_F


def least_changes(weights_F: Floats, rows: tuple[Floats, Floats]) -> Floats:
    """Per row the length of the least change after which the sign is its label; 0 where it is already."""
    rows_NF, labels_N = rows
    changes_N: Floats = np.maximum(0.0, -labels_N * (rows_NF @ weights_F)) / np.linalg.norm(weights_F)
    return changes_N


def rungs(world: World, candidate: Floats, references: list[Floats], original: Floats) -> list[Rung]:
    """All arms at every budget; E are never-seen rows aimed at the other label."""
    features, labels = world.unseen
    held = {
        model: [least_changes(weights, world.forget) for weights in models]
        for model, models in {"a": [candidate], "b": references, "p": [original]}.items()
    }
    unseen = {
        model: [least_changes(weights, world.unseen) for weights in models]
        for model, models in {"c": [candidate], "d": references}.items()
    }
    other = least_changes(candidate, (features, -labels))

    def bits(changes: Floats, budget: float) -> list[int]:
        return [int(found) for found in changes <= budget]

    return [
        Rung(
            budget=budget,
            a=bits(held["a"][0], budget),
            b=[bits(changes, budget) for changes in held["b"]],
            c=bits(unseen["c"][0], budget),
            d=[bits(changes, budget) for changes in unseen["d"]],
            e=bits(other, budget),
            p=bits(held["p"][0], budget),
        )
        for budget in BUDGETS
    ]


def judged(*, forgotten: int, references: int, leak: float, seed: int, restlessness: float = 0.5) -> Finding:
    """The verdict on a candidate `leak` of the way from a retrained model (0) to the untouched original (1).

    Below 0 it lies on the other side of the retrained one: the records are pushed away.
    """
    world = World.drawn(forgotten=forgotten, seed=seed, restlessness=restlessness)
    original, (clean, *others) = world.original(), world.retrained(1 + references)
    candidate = (1.0 - leak) * clean + leak * original
    return judge({"uma.l2.label_only": rungs(world, candidate, others, original)}, USEFUL, POLICY)


def tossed(*, records: int, references: int, unrest: float, seed: int) -> Finding:
    """A retrained candidate in bits alone, for what linear twins cannot do: trainings that differ in their whole rate.

    Each record has its own chance, each training adds its own shift to all of them, normal with deviation `unrest`.
    """
    draw = np.random.default_rng(seed)
    chances_N, strangers_N = draw.beta(0.7, 0.7, size=(2, records))
    shifts_K = draw.normal(0.0, unrest, size=references + 1)
    tosses_KN, others_KN = draw.random((2, references + 2, records))

    def bits(row_N: Floats, below_N: Floats) -> list[int]:
        return [int(found) for found in row_N < below_N]

    rungs = [
        Rung(
            budget=float(step),
            a=bits(tosses_KN[0], chances_N + shifts_K[0] + ease),
            b=[bits(tosses_KN[k], chances_N + shifts_K[k] + ease) for k in range(1, references + 1)],
            c=bits(others_KN[0], strangers_N + shifts_K[0] + ease),
            d=[bits(others_KN[k], strangers_N + shifts_K[k] + ease) for k in range(1, references + 1)],
            e=[],
            p=bits(tosses_KN[-1], chances_N + 0.4),
        )
        for step, ease in enumerate((0.0, 0.05, 0.1))
    ]
    return judge({"uma.l2.label_only": rungs}, USEFUL, POLICY)
