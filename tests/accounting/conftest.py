"""Shared numbers of the accountant's tests: running example E of guarantees.md (c = .9, mu_dp = .5)."""

from typing import Any

import pytest

from unlearning.accounting import Problem


@pytest.fixture
def example() -> dict[str, Any]:
    """Example E without rounding: c = .9, K_A = 60 gives mu_dp = .5 under `replace`."""
    constants = {"lam": 0.1, "beta": 0.25, "lipschitz": 1.0, "n": 1000, "eta": 1.0, "rho": 0.0}
    stretch = (1 - 0.9**60) * 1.9 / ((1 + 0.9**60) * 0.1)
    return constants | {"sigma": (2.0 / 1000) * stretch**0.5 / (0.5 * 2**0.5)}


@pytest.fixture
def problem(example: dict[str, Any]) -> Problem:
    """Example E as a ledger's problem."""
    return Problem(**example, features=31, classes=2, norm_bound=1.0)
