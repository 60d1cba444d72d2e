"""Measurements as they are written down: everything a verdict needs, and which of it must stay sealed.

Whatever was computed on deleted rows is a noiseless function of a person's record: tier "sealed" (guarantees H2).
So is whatever came from a retrained reference, which is curator state (H3), or from the model before the deletion.
Canaries are nobody, and never-seen people are in no certificate: on the candidate, tier "open".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from unlearning.verification.arms import Arm
from unlearning.verification.linear_uma import successes

FORMAT = "obelus/measurements/1"
Tier = Literal["open", "sealed"]
Measurement = dict[str, Any]
# B and D come from retrained references; P is the model before the deletion, whose weights will be destroyed: a number
# counted on it and shown afterwards would be a trace of it.
_NOT_TO_BE_SHOWN = ("B", "D", "P")
# C looks at people nobody ever held; every other arm is aimed by the deleted rows.
_NEVER_SEEN = ("C",)


def document(measurements: Sequence[Measurement]) -> dict[str, Any]:
    """The measurements file."""
    return {"format": FORMAT, "measurements": list(measurements)}


def ladder(name: str, arms: Sequence[Arm], budgets: Sequence[float], *, deleted_tier: Tier) -> list[Measurement]:
    """Success bits per row, arm and budget, then the least change per row and arm (null: no change suffices)."""
    lines = []
    for arm in arms:
        tier = tier_of(arm.name, deleted_tier)
        for budget in budgets:
            lines.append(bits_line(name, arm.name, successes(arm.changes, budget=budget), budget=budget, tier=tier))
        least = [change if math.isfinite(change) else None for change in arm.changes.tolist()]
        middle = float(np.median(arm.changes)) if len(arm.changes) else math.inf
        value = middle if math.isfinite(middle) else None
        lines.append(_line(f"{name}.minimum", arm.name, tier, trials=len(least), value=value, per_record=least))
    return lines


def sealed(lines: Sequence[Measurement]) -> list[Measurement]:
    """The lines with nothing open: what was aimed or crafted by the original or a reference is a trace of it (H3)."""
    return [{**line, "tier": "sealed"} for line in lines]


def tier_of(arm: str, deleted_tier: Tier) -> Tier:
    """Who may read one arm's lines, when the arms on deleted rows are of `deleted_tier`."""
    if arm[0] in _NOT_TO_BE_SHOWN:
        return "sealed"
    return "open" if arm[0] in _NEVER_SEEN else deleted_tier


def membership(name: str, arm: str, losses_N: npt.NDArray[np.float64], *, auc: float, tier: Tier) -> Measurement:
    """Loss per row and the area under the curve against never-seen rows."""
    return _line(name, arm, tier_of(arm, tier), trials=len(losses_N), value=auc, per_record=losses_N.tolist())


def utility(arm: str, *, right: int, trials: int) -> Measurement:
    """Clean accuracy on the holdout, as a count."""
    return _line("utility.accuracy", arm, tier_of(arm, "open"), right=right, trials=trials, value=right / trials)


def bits_line(name: str, arm: str, bits: Sequence[int], *, budget: float, tier: Tier) -> Measurement:
    """Success bits per row at one budget; `tier` is the line's own."""
    rate = sum(bits) / len(bits) if bits else None
    return _line(name, arm, tier, budget=budget, right=sum(bits), trials=len(bits), value=rate, per_record=list(bits))


def values_line(
    name: str, arm: str, values: Sequence[float], *, trials: int, value: float | None, tier: Tier
) -> Measurement:
    """One number with the values behind it and no budget: for people to read, no verdict is made of it."""
    return _line(name, arm, tier, trials=trials, value=value, per_record=list(values))


def _line(
    name: str,
    arm: str,
    tier: Tier,
    *,
    budget: float | None = None,
    right: int | None = None,
    trials: int | None = None,
    value: float | None = None,
    per_record: Sequence[float | None] | None = None,
) -> Measurement:
    return {
        "name": name,
        "arm": arm,
        "budget": budget,
        "tier": tier,
        "successes": right,
        "trials": trials,
        "value": value,
        "per_record": per_record,
    }
