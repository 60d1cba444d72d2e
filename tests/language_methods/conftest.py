"""One thread: idle threads spin, and the same bytes are promised on one thread only."""

import torch

from tests.unlearning.conftest import lay_out, run_here

__all__ = ["lay_out", "run_here"]
torch.set_num_threads(1)
