"""May the chi-square laws be trusted here? The loss is no quadratic, so the curvature differs from place to place.

Measured, not assumed: how far a statistic's mean would move, in its own standard deviations, if the curvature were the
one felt by an honest run (at the noiseless path's last stretch and at places as far off as the noise goes), and if the
third derivative pushed the mean as it does there. Below a tenth the laws stand; above it honest runs are simulated.
"""

from __future__ import annotations

import math

import numpy as np

from unlearning.witness.basis import Basis, DenseBasis
from unlearning.witness.claim import Claim
from unlearning.witness.objective import Floats, Objective
from unlearning.witness.runs import descended
from unlearning.witness.view import View

TRUSTED = 0.1
_PAIRS = 16


def doubt(objective: Objective, view: View, claim: Claim, *, draw: np.random.Generator) -> float:
    """The larger of both displacements, in standard deviations; infinity where the basis is no exact one."""
    if not isinstance(view.basis, DenseBasis):
        return math.inf
    offsets_SKG = _noise(view, view.basis, draw=draw)
    memory = math.ceil(0.5 / (claim.eta * claim.lam))
    late_KG = descended(objective, view.start, eta=claim.eta, steps=max(0, view.steps - memory))
    places = (late_KG, view.end + offsets_SKG[0])
    bend = max(abs(_bend(objective, view.basis, place_KG)) for place_KG in places)
    push = _push(objective, view, offsets_SKG)
    return max((bend + push) / math.sqrt(2.0 * len(view.scale)), math.sqrt(push))


def _noise(view: View, basis: DenseBasis, *, draw: np.random.Generator) -> Floats:
    white_SD = draw.standard_normal((_PAIRS, len(view.scale)))
    offsets_SKG: Floats = ((white_SD * view.scale) @ basis.vectors.T).reshape(_PAIRS, *view.end.shape)
    return offsets_SKG


def _bend(objective: Objective, basis: DenseBasis, place_KG: Floats) -> float:
    """Sum over directions of the curvature's relative change, about minus that of all variances together."""
    turned_DD = objective.hessian(place_KG) @ basis.vectors
    felt_D = (basis.vectors * turned_DD).sum(axis=0)
    return float((felt_D / basis.curvatures - 1.0).sum())


def _push(objective: Objective, view: View, offsets_SKG: Floats) -> float:
    """Squared length of the whitened displacement that the third derivative gives to the mean."""
    both_SKG = objective.gradients(view.end + offsets_SKG) + objective.gradients(view.end - offsets_SKG)
    even_SKG = both_SKG / 2.0 - objective.gradient(view.end)
    basis: Basis = view.basis
    shifts_SD = basis.coordinates(even_SKG) / basis.curvatures / view.scale
    # The square of a mean over few draws is too large by its own variance; an unbiased square takes it off again.
    mean_D, spread_D = shifts_SD.mean(axis=0), shifts_SD.var(axis=0, ddof=1) / len(shifts_SD)
    return max(0.0, float((mean_D**2 - spread_D).sum()))
