"""One look at the published weights: from a known start, so many claimed steps, what is left is noise to be whitened.

    coordinate i of (new - noiseless end) ~ N(0, s^2 (1 - a^(2 steps)) / (1 - a^2)),   a = 1 - eta h_i

Linearised at the minimiser, where h_i are the Hessian's eigenvalues. Letters: D directions, S models at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unlearning.witness.basis import Basis
from unlearning.witness.claim import Claim
from unlearning.witness.law import Law, chi_square, quadratic
from unlearning.witness.objective import Floats, Objective
from unlearning.witness.runs import descended

_FLOAT32_HALF_ULP = 2.0**-24


@dataclass(frozen=True, kw_only=True)
class View:
    """toward: where half the steps would have ended, whitened; shrunk: their variance beside the claimed one."""

    basis: Basis
    start: Floats
    end: Floats
    steps: int
    scale: Floats
    toward: Floats
    shrunk: Floats

    def whitened(self, thetas_SKG: Floats) -> Floats:
        """Independent standard normals (S, D) if the run was honest."""
        found_SD: Floats = self.basis.coordinates(thetas_SKG - self.end) / self.scale
        return found_SD

    def statistics(self, thetas_SKG: Floats) -> dict[str, Floats]:
        """Every statistic by name, one value per model.

        steps: the log-likelihood of half the steps over that of all (constants left out); alignment: its linear part
        alone, how far the weights lie toward what half the steps would have left of the start.
        """
        white_SD = self.whitened(thetas_SKG)
        squares_SD, middle = white_SD**2, white_SD.shape[1] // 2
        found = {
            "total": squares_SD.sum(axis=1),
            "slow": squares_SD[:, :middle].sum(axis=1),
            "fast": squares_SD[:, middle:].sum(axis=1),
        }
        if self._tells_steps:
            squares_D, lines_D = self._half_against_all()
            found["alignment"] = white_SD @ self.toward / np.linalg.norm(self.toward)
            found["steps"] = squares_SD @ squares_D + white_SD @ lines_D
        return found

    def laws(self) -> dict[str, Law]:
        """The law of each statistic under an honest run."""
        count = len(self.scale)
        laws = {
            "total": chi_square(count),
            "slow": chi_square(count // 2),
            "fast": chi_square(count - count // 2),
        }
        if self._tells_steps:
            laws |= {"alignment": Law(mean=0.0, variance=1.0), "steps": quadratic(*self._half_against_all())}
        return laws

    @property
    def _tells_steps(self) -> bool:
        return self.steps > 1

    def _half_against_all(self) -> tuple[Floats, Floats]:
        return (1.0 - 1.0 / self.shrunk) / 2.0, self.toward / self.shrunk


def view_from(objective: Objective, basis: Basis, claim: Claim, start_KG: Floats, *, steps: int) -> View:
    """The view of weights that were `steps` steps away from `start_KG`."""
    half = (steps + 1) // 2
    half_KG = descended(objective, start_KG, eta=claim.eta, steps=half)
    end_KG = descended(objective, half_KG, eta=claim.eta, steps=steps - half)
    # Published weights are rounded to float32, which adds its own error: small, but noise may be smaller.
    rounding = (float(np.abs(end_KG).max()) * _FLOAT32_HALF_ULP) ** 2 / 3.0
    variance_D = noise_variance(claim, basis.curvatures, steps=steps) + rounding
    scale_D = np.sqrt(variance_D)
    return View(
        basis=basis,
        start=start_KG,
        end=end_KG,
        steps=steps,
        scale=scale_D,
        toward=basis.coordinates((half_KG - end_KG)[None])[0] / scale_D,
        shrunk=(noise_variance(claim, basis.curvatures, steps=half) + rounding) / variance_D,
    )


def noise_variance(claim: Claim, curvatures_D: Floats, *, steps: int) -> Floats:
    """s^2 (1 - a^(2 steps)) / (1 - a^2), a = 1 - eta h: the variance of `steps` steps' noise along each direction."""
    kept_D = (1.0 - claim.eta * curvatures_D) ** 2
    found_D: Floats = claim.step_variance * (1.0 - kept_D**steps) / (1.0 - kept_D)
    return found_D
