"""The arms of the image-to-image attack, and when a nearer picture counts: judged per record, by retrained models.

A raw distance says how easy a picture is. What counts is the gain: how much nearer this model comes to this picture
than retrained models do at the same budget. The gain of candidate and original is over the mean of all references,
a reference's over the mean of the others. Letters: B budgets, K references, N pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from unlearning.runner.refusals import Refused
from unlearning.verification.generators.inpainting import Completes, Masked, least_distances
from unlearning.verification.measurements import Measurement, Tier, bits_line, tier_of, values_line

Floats = npt.NDArray[np.float64]
NAME = "generator.i2i"
SEALED: Tier = "sealed"


@dataclass(frozen=True)
class InpainterModels:
    """The candidate, the model before the deletion, and at least two models that never held the deleted pictures."""

    candidate: Completes
    original: Completes
    references: tuple[Completes, ...]

    def __post_init__(self) -> None:
        """Raises: Refused with REFERENCE_MISSING."""
        if len(self.references) < 2:
            raise Refused(
                "REFERENCE_MISSING",
                f"expected at least two retrained references, got {len(self.references)}.",
                "Train references: each is judged by the others, and the candidate by all.",
            )


@dataclass(frozen=True)
class Pictures:
    """Pictures to recover, float32 (N, F) in [0, 1], and what counts as recovering: usually they themselves."""

    base: Tensor
    goals: Tensor


def inpainting_arms(
    models: InpainterModels, deleted: Pictures, unseen: Pictures, masked: Masked
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Per arm the least distances and the gains, both of shape (B, N)."""

    def least(model: Completes, pictures: Pictures) -> Floats:
        found: Floats = least_distances(model, pictures.base, pictures.goals, masked).numpy()
        return found

    far: dict[str, Floats] = {}
    gained: dict[str, Floats] = {}
    asked = ((deleted, {"A": models.candidate, "P": models.original}, "B"), (unseen, {"C": models.candidate}, "D"))
    for pictures, named, control in asked:
        theirs_KBN = np.stack([least(model, pictures) for model in models.references])
        mine = {name: least(model, pictures) for name, model in named.items()}
        far |= mine | {f"{control}:{k}": theirs_BN for k, theirs_BN in enumerate(theirs_KBN)}
        gained |= gains(mine, theirs_KBN, control=control)
    return far, gained


def gains(mine: Mapping[str, Floats], theirs_KBN: Floats, *, control: str) -> dict[str, Floats]:
    """How much nearer each model comes than the references' mean; each reference against the mean of the others."""
    count, total_BN = len(theirs_KBN), theirs_KBN.sum(axis=0)
    own = {name: total_BN / count - found_BN for name, found_BN in mine.items()}
    left_out = {
        f"{control}:{k}": (total_BN - theirs_BN) / (count - 1) - theirs_BN for k, theirs_BN in enumerate(theirs_KBN)
    }
    return own | left_out


def thresholds(gained: Mapping[str, Floats], *, false_positives: float) -> Floats:
    """Per budget the gain that references exceed on this share of pictures, deleted and never seen together; shape B.

    The candidate has no say in it.
    """
    controls = np.concatenate([found for name, found in gained.items() if name[0] in ("B", "D")], axis=1)
    # The next value above, never one between two: no more than this share of the controls may lie beyond.
    found: Floats = np.quantile(controls, 1.0 - false_positives, axis=1, method="higher")
    return found


def inpainting_lines(
    far: Mapping[str, Floats],
    gained: Mapping[str, Floats],
    budgets: Sequence[float],
    *,
    false_positives: float,
    tier: Tier,
) -> list[Measurement]:
    """Bits per budget for a verdict; distances and gains, one line each per budget, for people to read."""
    limits_B = thresholds(gained, false_positives=false_positives)
    lines = []
    for arm in sorted(gained):
        own = tier_of(arm, tier)
        for rung, budget in enumerate(sorted(budgets)):
            # Bits and gains are relative to retrained references on deleted pictures, whoever's they are (H2, H3).
            bits = [int(gain > limits_B[rung]) for gain in gained[arm][rung]]
            lines.append(bits_line(NAME, arm, bits, budget=budget, tier=SEALED))
            for kind, values, seal in (("distance", far, own), ("gain", gained, SEALED)):
                each_N = values[arm][rung]
                name, middle = f"{NAME}.{kind}.at.{budget:g}", float(np.median(each_N))
                lines.append(values_line(name, arm, each_N.tolist(), trials=len(each_N), value=middle, tier=seal))
    return lines
