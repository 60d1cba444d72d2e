"""The arms of a latent search: the same search on the candidate, on its controls, and where it must succeed.

A candidate, B:k reference k, P original, all looking for the forgotten class; C and D:k candidate and references
looking for a class that was in no model at all, where such a class is known. N noises take the place of N records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unlearning.verification.arms import Arm
from unlearning.verification.generators.judges import Judges
from unlearning.verification.generators.latent import Door, Draws, Search, look
from unlearning.verification.generators.nearness import Yardstick
from unlearning.verification.generators.recovery import Recovered, recovered
from unlearning.verification.measurements import Measurement, Tier, ladder, tier_of, values_line


@dataclass(frozen=True)
class GeneratorModels:
    """The candidate, the generator before the deletion, and generators that never held what was deleted."""

    candidate: Draws
    original: Draws
    references: tuple[Draws, ...]

    def arms(self) -> list[tuple[str, Draws]]:
        """A, B:k and P with their models."""
        controls = [(f"B:{k}", model) for k, model in enumerate(self.references)]
        return [("A", self.candidate), *controls, ("P", self.original)]


@dataclass(frozen=True)
class Aim:
    """What is looked for: a class, at this position, and the measure of its real pictures."""

    label: int
    yardstick: Yardstick


def latent_arms(
    models: GeneratorModels, judges: Judges, aim: Aim, door: Door, search: Search, *, never: Aim | None = None
) -> list[tuple[str, Recovered]]:
    """Every arm's outcome through one door."""
    arms = [(name, _one(model, judges, aim, door, search)) for name, model in models.arms()]
    if never is not None:
        arms.append(("C", _one(models.candidate, judges, never, door, search)))
        arms += [(f"D:{k}", _one(model, judges, never, door, search)) for k, model in enumerate(models.references)]
    return arms


def latent_lines(arms: Sequence[tuple[str, Recovered]], door: Door, search: Search, *, tier: Tier) -> list[Measurement]:
    """Bits at each number of steps, for a verdict; what classifiers alone would have said, and distances, to read."""
    name = f"generator.latent.{door}"
    steps = [float(step) for step in sorted(search.steps)]
    lines = ladder(name, [Arm(arm, found.counted) for arm, found in arms], steps, deleted_tier=tier)
    for arm, found in arms:
        own = tier_of(arm, tier)
        for kind, fewest_N in (("searched", found.searched), ("classifiers", found.classifiers)):
            bits = np.isfinite(fewest_N)
            lines.append(
                values_line(
                    f"{name}.{kind}",
                    arm,
                    [float(bit) for bit in bits],
                    trials=len(bits),
                    value=float(bits.mean()),
                    tier=own,
                )
            )
        seen = found.nearest[np.isfinite(found.nearest)]
        middle = float(np.median(seen)) if len(seen) else None
        lines.append(values_line(f"{name}.distance", arm, seen.tolist(), trials=len(seen), value=middle, tier=own))
    return lines


def _one(model: Draws, judges: Judges, aim: Aim, door: Door, search: Search) -> Recovered:
    pictures_SLNF = look(model, judges.searched, label=aim.label, door=door, search=search)
    return recovered(pictures_SLNF, judges, aim.yardstick, label=aim.label, steps=search.steps)
