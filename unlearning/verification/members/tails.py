"""From scores to bits: flagged as a member (near), or as suspiciously unlike a stranger on the other side (far).

Forgetting that overshoots leaves the forgotten below every stranger: that marks them as surely as remembering, so both
tails are asked. The threshold comes from never-seen rows under the same model, and counts the row itself as one of them
(conformal), so that a stranger is flagged with probability at most the rate, whatever the scores' law and the sample.
Pure functions; a larger score speaks for membership. Letters: N rows asked, M strangers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.int64]
_ROUNDING = 1e-12  # a rate of 0.1 must admit one stranger in ten, although 0.1 is no binary number


def near_bits(scores_N: Floats, strangers_M: Floats, *, rate: float) -> Bits:
    """1 where at most `rate` of the strangers and the row itself score as high."""
    as_high_N = len(strangers_M) - np.searchsorted(np.sort(strangers_M), scores_N, side="left")
    return _rare(1 + as_high_N, of=len(strangers_M) + 1, rate=rate)


def far_bits(scores_N: Floats, strangers_M: Floats, *, rate: float) -> Bits:
    """1 where at most `rate` of the strangers and the row itself score as low."""
    return near_bits(-scores_N, -strangers_M, rate=rate)


def strangers_near(strangers_M: Floats, *, rate: float) -> Bits:
    """Each stranger judged by all the others, which is what a member is compared with: the false positives."""
    as_high_M = len(strangers_M) - np.searchsorted(np.sort(strangers_M), strangers_M, side="left")
    return _rare(as_high_M, of=len(strangers_M), rate=rate)


def strangers_far(strangers_M: Floats, *, rate: float) -> Bits:
    """The same on the other side."""
    return strangers_near(-strangers_M, rate=rate)


def rates_within_reach(rates: list[float], *, strangers: int) -> list[float]:
    """The rates at which any row at all could be flagged beside so many strangers.

    A rate out of reach would give zeros for every model: a rung that looks like "nothing found" and could not find.
    """
    return [rate for rate in rates if rate * strangers >= 1.0 - _ROUNDING]


def _rare(counts: Bits, *, of: int, rate: float) -> Bits:
    bits: Bits = (counts <= rate * of + _ROUNDING).astype(np.int64)
    return bits
