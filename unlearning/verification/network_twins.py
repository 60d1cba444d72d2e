"""Never-seen twins of canaries for networks. Pure functions.

A twin must be to a model that never held the canary what the canary is: so it keeps the canary's kind of row, and its
label is tossed anew. A table's canary lies far out in random directions: its twin has the same distances and other
signs (as for linear models). A picture with signs changed is no picture, so a planted picture's twin is a never-seen
picture. The label is a toss over all classes, the true one included: where canaries are always mislabelled, twins are
recognised more often by up to one in C, which hides a little of a leak and accuses nobody; leaving the true one out
would accuse models of remembering canaries that were tossed.
"""

from __future__ import annotations

from typing import Literal

import torch

from unlearning.verification.network_arms import NetworkProbe

Kind = Literal["redrawn", "holdout"]
TWINS_EACH = 4


def twins_of(canaries: NetworkProbe, holdout: NetworkProbe, *, kind: Kind, classes: int, seed: int) -> NetworkProbe:
    """Four twins for each canary; of pictures as many as there are never-seen rows, if these are fewer."""
    draw = torch.Generator().manual_seed(seed)
    count = TWINS_EACH * len(canaries)
    if kind == "holdout":
        x_N = holdout.x[torch.randperm(len(holdout), generator=draw)[:count]]
    else:
        models_N = canaries.x[torch.randint(len(canaries), (count,), generator=draw)]
        # Scaled features: the centre is zero.
        signs_N = 2.0 * torch.randint(2, models_N.shape, generator=draw).to(models_N) - 1.0
        x_N = models_N.abs() * signs_N
    return NetworkProbe(x_N, torch.randint(classes, (len(x_N),), generator=draw))
