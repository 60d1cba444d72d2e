"""The certified engine as the benchmarks drive it: the engine's own rows and steps, without job folders around them.

Letters: N rows, F features, K outputs, G = F + 1.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unlearning.certified.constants import Constants
from unlearning.certified.rows import Part, part_of

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Line:
    """What all runs of one model share: lam, eta, sigma, the fixed denominator n_0 and the loss."""

    lam: float
    eta: float
    sigma: float
    n_0: int
    outputs: int = 1
    loss: str = "binary"

    def run(self, rows: Part, *, steps: int, start: Floats | None = None) -> Floats:
        """So many noisy steps on these rows, from `start` or from zero; shape K, G."""
        from unlearning.certified.learn import descend

        constants = Constants(lam=self.lam, eta=self.eta, sigma=self.sigma, n_0=self.n_0, steps=steps)
        begin = np.zeros((self.outputs, rows.features.shape[1] + 1)) if start is None else start
        return descend(begin, [rows], loss=self.loss, constants=constants, after_step=lambda _step: None)


def part(rows_NF: Floats, labels_N: Labels, *, norm_bound: float = 1.0) -> Part:
    """Rows as the steps see them, each with its permanent slot."""
    return part_of(rows_NF, labels_N, np.arange(len(labels_N), dtype=np.int64), norm_bound=norm_bound)


def accuracy(theta_KG: Floats, rows_NF: Floats, labels_N: Labels) -> float:
    """The share of rows whose class the model names."""
    scores_NK = rows_NF @ theta_KG[:, :-1].T + theta_KG[:, -1]
    named_N = scores_NK.argmax(axis=1) if len(theta_KG) > 1 else scores_NK[:, 0] > 0.0
    return float((named_N == labels_N).mean())
