"""Worlds whose laws are exactly Gaussian: theta <- c theta + drift + s N(0, 1) in one dimension."""

import math
from collections.abc import Sequence

import numpy as np

from unlearning.accounting.minorant import energy, steps_points


def exact_mu(c: float, drifts: Sequence[float], noise: float, seen: Sequence[int]) -> float:
    """mu between the joint laws of the iterates after those numbers of steps, drifts being there or not."""
    total = max(seen)
    powers = c ** np.arange(total)
    paths = np.array([np.concatenate([powers[:time][::-1], np.zeros(total - time)]) for time in seen])
    shift = paths @ np.asarray(drifts[:total])
    return float(np.sqrt(shift @ np.linalg.solve(noise**2 * paths @ paths.T, shift)))


def string_mu(c: float, drifts: Sequence[float], noise: float, seen: Sequence[int]) -> float:
    """The theorem step by step: one taut string between each two moments seen, squares added."""
    ends = [0, *seen]
    return math.sqrt(
        sum(
            energy(steps_points([c] * (end - start), drifts[start:end], [noise] * (end - start)))
            for start, end in zip(ends, ends[1:], strict=False)
        )
    )
