"""Is the generator still good for what is kept? Counted by the held-out classifier, on pictures nobody searched for.

Letters: C classes, F features, N pictures.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from unlearning.verification.generators.inpainting import Completes
from unlearning.verification.generators.judges import Judges
from unlearning.verification.generators.latent import Draws, sphere

PER_LABEL = 30  # pictures drawn for each retained label


def drawn_right(draws: Draws, judges: Judges, *, labels: list[int], latent: int, classes: int, seed: int) -> int:
    """Of PER_LABEL pictures asked for each of these labels, how many the held-out classifier takes for the label."""
    asked_N = torch.tensor(labels).repeat_interleave(PER_LABEL)
    z_NZ = sphere(count=len(asked_N), latent=latent, seed=seed)
    with torch.no_grad():
        logits_NC = judges.held_out(draws(z_NZ, one_hot(asked_N, classes).float()))
    return int((logits_NC.argmax(dim=1) == asked_N).sum())


def completed_right(
    completes: Completes, judges: Judges, pictures_NF: Tensor, labels_N: Tensor, hidden_F: Tensor
) -> int:
    """Of never-seen pictures, how many the held-out classifier still takes for their label once completed."""
    with torch.no_grad():
        logits_NC = judges.held_out(completes(pictures_NF.masked_fill(hidden_F, 0.0)))
    return int((logits_NC.argmax(dim=1) == labels_N).sum())
