"""Clean utility: right answers on people the model never held. Pure functions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


def right_answers(scores_NC: Floats, positions_N: Positions) -> int:
    """How many rows get their own label."""
    return int(np.count_nonzero(np.argmax(scores_NC, axis=1) == positions_N))
