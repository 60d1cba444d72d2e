"""Runs of equal steps with the group present or gone, and what one stretch of them costs."""

import math
from collections.abc import Sequence

from unlearning.accounting.descent import Descent
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.minorant import Run, runs_energy


def present(descent: Descent, steps: int, group: int, *, draws: int = 1, removed_before: int = 0) -> Run:
    """Steps whose gradient sees the group: drift D + 2 rho. m draws seen from one start: noise s / sqrt(m)."""
    drift = descent.drift(group, removed_before=removed_before)
    return _run(descent, steps, drift + 2.0 * descent.rho if group else 0.0, draws)


def absent(descent: Descent, steps: int, group: int, *, draws: int = 1) -> Run:
    """Steps after the group left: what stays of the drift is the rounding of two states that differ, 2 rho (H8)."""
    return _run(descent, steps, 2.0 * descent.rho if group else 0.0, draws)


def bound_of(descent: Descent, runs: Sequence[Run]) -> GdpBound:
    """One stretch of runs, nothing seen in between. Without an assumption: plain composition over the steps present."""
    if descent.assumption == "none":
        floor = 2.0 * descent.rho
        return GdpBound(math.sqrt(sum(run.steps * (run.drift / run.noise) ** 2 for run in runs if run.drift > floor)))
    return GdpBound(math.sqrt(runs_energy(runs)))


def require_draws(draws: int) -> None:
    """Refuse a count of draws below 1. Raises: TARGET_OUT_OF_RANGE."""
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise AccountingError("TARGET_OUT_OF_RANGE", f"Expected at least one draw, got {draws!r}.", "Pass draws >= 1.")


def _run(descent: Descent, steps: int, drift: float, draws: int) -> Run:
    require_draws(draws)
    return Run(steps=steps, gap=descent.gap, drift=drift, noise=descent.noise / math.sqrt(draws))
