"""One thread, the job folder's fixtures, and small generators trained once for all tests here."""

from __future__ import annotations

import pytest
import torch

from tests.generators.small_generators import Drawn, Painted, drawn, painted
from tests.unlearning.conftest import dataset, lay_out, run_here

__all__ = ["dataset", "lay_out", "run_here"]
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def drawing() -> Drawn:
    """Decoders on digits with and without the 3s, and what judges their pictures."""
    return drawn(seed=0)


@pytest.fixture(scope="session")
def painting() -> Painted:
    """Inpainters on digits with and without forty pictures."""
    return painted(seed=0)
