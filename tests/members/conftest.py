"""One thread, and the job folders of tests/unlearning."""

import torch

from tests.unlearning.conftest import dataset, lay_out, result_of, run_here, run_job, start_job

__all__ = ["dataset", "lay_out", "result_of", "run_here", "run_job", "start_job"]
torch.set_num_threads(1)
