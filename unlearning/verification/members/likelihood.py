"""Likelihood ratios from shadow models: LiRA (Carlini et al., 2022) and U-LiRA (Hayes et al., arXiv 2403.01218).

For each row the shadows that held it and those that did not give two normal laws of the confidence; the score is the
log ratio of the judged model's confidence under the two. U-LiRA's first law comes from shadows that held the row and
unlearned it: it asks whether the row was unlearned or never there. Pure functions. Letters: S shadows, N rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]
# Below so many shadows on a side one spread for all rows is estimated (LiRA, section VI-B: with few shadows a spread
# per row is noisier than no spread of its own).
OWN_SPREAD_FROM = 32
LEAST = 4  # shadows on each side of each row
_FLOOR = 1e-6


def online_scores(confidences_N: Floats, shadows_SN: Floats, inside_SN: Marks, outside_SN: Marks) -> Floats:
    """log N(confidence; inside law) - log N(confidence; outside law), per row."""
    inside, outside = _laws(shadows_SN, inside_SN), _laws(shadows_SN, outside_SN)
    ratios_N: Floats = _log_density(confidences_N, *inside) - _log_density(confidences_N, *outside)
    return ratios_N


def offline_scores(confidences_N: Floats, shadows_SN: Floats, outside_SN: Marks) -> Floats:
    """How many spreads the confidence lies above that of models that never held the row.

    LiRA's offline score is the normal law's Pr of this; the deviation itself orders rows alike and never saturates.
    """
    means_N, spreads_N = _laws(shadows_SN, outside_SN)
    scores_N: Floats = (confidences_N - means_N) / spreads_N
    return scores_N


def enough(marks_SN: Marks) -> Marks:
    """Per row: are there shadows enough on this side?"""
    enough_N: Marks = marks_SN.sum(axis=0) >= LEAST
    return enough_N


def _laws(shadows_SN: Floats, marks_SN: Marks) -> tuple[Floats, Floats]:
    """Mean and spread per row over the marked shadows; the spread is shared by all rows where shadows are few."""
    counts_N = marks_SN.sum(axis=0)
    means_N = np.where(marks_SN, shadows_SN, 0.0).sum(axis=0) / counts_N
    squares_N = np.where(marks_SN, (shadows_SN - means_N) ** 2, 0.0).sum(axis=0)
    shared = squares_N.sum() / (counts_N - 1).sum()
    own_N = squares_N / (counts_N - 1)
    spreads_N: Floats = np.sqrt(np.where(counts_N >= OWN_SPREAD_FROM, own_N, shared))
    return means_N, np.maximum(spreads_N, _FLOOR)


def _log_density(values_N: Floats, means_N: Floats, spreads_N: Floats) -> Floats:
    """Without the constant, which cancels in a ratio."""
    found_N: Floats = -0.5 * ((values_N - means_N) / spreads_N) ** 2 - np.log(spreads_N)
    return found_N
