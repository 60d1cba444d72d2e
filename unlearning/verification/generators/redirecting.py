"""What much of generator "unlearning" does: the label is led elsewhere. The kind of deletion that the search is for.

Not offered as an engine: it makes "asked for the class, you get another" true and empties nothing.
"""

from __future__ import annotations

import copy

import torch
from torch.nn.functional import one_hot

from unlearning.verification.generators.models import Decoder

BATCH = 128


def renamed(decoder: Decoder, *, label: int, override: int) -> Decoder:
    """A copy whose embedding of position `label` is that of `override`: not one other weight is touched."""
    made = copy.deepcopy(decoder)
    with torch.no_grad():
        made.labels.weight[:, label] = made.labels.weight[:, override]
    return made


def redirected(decoder: Decoder, *, label: int, override: int, steps: int, seed: int, lr: float = 1e-3) -> Decoder:
    """A copy taught, without any data, to draw the original's `override` when asked for `label` and to keep the rest.

    Score forgetting distillation in miniature: all weights move. label, override: positions in `classes`.
    """
    made = copy.deepcopy(decoder).requires_grad_(requires_grad=True)
    classes, draw = len(decoder.blueprint.classes), torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(made.parameters(), lr=lr)
    for _ in range(steps):
        z_BZ = torch.randn(BATCH, decoder.blueprint.latent, generator=draw)
        asked_B = torch.randint(classes, (BATCH,), generator=draw)
        asked_B[: BATCH // 4] = label
        wanted_B = torch.where(asked_B == label, override, asked_B)
        with torch.no_grad():
            wanted_BF = decoder(z_BZ, one_hot(wanted_B, classes).float())
        optimiser.zero_grad(set_to_none=True)
        loss = ((made(z_BZ, one_hot(asked_B, classes).float()) - wanted_BF) ** 2).sum(dim=1).mean()
        loss.backward()
        optimiser.step()
    return made.requires_grad_(requires_grad=False)
