"""One thread: idle threads spin, and the same bytes are promised on one thread only."""

import torch

torch.set_num_threads(1)
