"""Training the two small generators: a conditional variational autoencoder, and a network that fills in what is hidden.

Letters: B batch, C classes, F features, N rows, Z latent. Seeded: one thread and the same seed give the same weights.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from unlearning.classifiers.training import batches_of, shuffled
from unlearning.verification.generators.models import Blueprint, Decoder, Generator, Inpainter, build_generator

Told = Callable[[int, int], None]  # called with (step, steps) after each step
BATCH = 64
# Weight of the divergence beside the summed squared error. Measured on 8x8 digits, 24 latents: at .015 only 69 of 100
# pictures asked for show their label (latents and prior drift apart), at .03 it is 91; at .1 a picture's class hangs on
# its label alone, and no other label can give it, in the original either.
LATENT_WEIGHT = 0.03


def fit(
    blueprint: Blueprint,
    pictures_NF: Tensor,
    labels_N: Tensor,
    *,
    epochs: int,
    lr: float = 2e-3,
    seed: int,
    start: Generator | None = None,
    progress: Told | None = None,
) -> Generator:
    """Train a generator of either family on scaled pictures and positions of their labels; gives it in eval mode.

    start: weights to go on from (fine-tuning), of the same blueprint; they are copied, not changed. A decoder's encoder
    is trained beside it and thrown away: it is no part of the generator.
    """
    generator = build_generator(blueprint, seed=seed)
    if start is not None:
        generator.load_state_dict(start.state_dict())
    generator.requires_grad_(requires_grad=True).train()
    draw = torch.Generator().manual_seed(seed)
    if isinstance(generator, Decoder):
        encoder = _encoder(blueprint, seed=seed)
        parts, loss_of = [generator, encoder], _decoder_loss(generator, encoder, draw)
    else:
        parts, loss_of = [generator], _inpainter_loss(generator)
    optimiser = torch.optim.Adam([weight for part in parts for weight in part.parameters()], lr=lr)
    steps = epochs * batches_of(len(pictures_NF), batch=BATCH)
    for step, chosen_B in enumerate(shuffled(len(pictures_NF), epochs=epochs, batch=BATCH, seed=seed), start=1):
        optimiser.zero_grad(set_to_none=True)
        loss_of(pictures_NF[chosen_B], labels_N[chosen_B]).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if progress is not None:
            progress(step, steps)
    return generator.requires_grad_(requires_grad=False).eval()


def autoencoder_loss(made_BF: Tensor, real_BF: Tensor, mean_BZ: Tensor, log_variance_BZ: Tensor) -> Tensor:
    """Summed squared error plus LATENT_WEIGHT times the divergence of N(mean, variance) from N(0, 1), mean over B."""
    wrong_B = ((made_BF - real_BF) ** 2).sum(dim=1)
    divergence_B = 0.5 * (mean_BZ**2 + log_variance_BZ.exp() - 1.0 - log_variance_BZ).sum(dim=1)
    return (wrong_B + LATENT_WEIGHT * divergence_B).mean()


def _decoder_loss(decoder: Decoder, encoder: nn.Module, draw: torch.Generator) -> Callable[[Tensor, Tensor], Tensor]:
    classes = len(decoder.blueprint.classes)

    def loss(pictures_BF: Tensor, labels_B: Tensor) -> Tensor:
        mix_BC = one_hot(labels_B, classes).float()
        mean_BZ, log_variance_BZ = encoder(torch.cat([pictures_BF, mix_BC], dim=1)).chunk(2, dim=1)
        z_BZ = mean_BZ + torch.exp(log_variance_BZ / 2.0) * torch.randn(mean_BZ.shape, generator=draw)
        return autoencoder_loss(decoder(z_BZ, mix_BC), pictures_BF, mean_BZ, log_variance_BZ)

    return loss


def _inpainter_loss(inpainter: Inpainter) -> Callable[[Tensor, Tensor], Tensor]:
    def loss(pictures_BF: Tensor, labels_B: Tensor) -> Tensor:
        # What is shown is handed through, so that only the hidden part counts.
        made_BF: Tensor = inpainter(pictures_BF)
        return ((made_BF - pictures_BF) ** 2).sum(dim=1).mean()

    return loss


def _encoder(blueprint: Blueprint, *, seed: int) -> nn.Module:
    inputs = blueprint.inputs + len(blueprint.classes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed + 1)
        return nn.Sequential(
            nn.Linear(inputs, blueprint.width), nn.SiLU(), nn.Linear(blueprint.width, 2 * blueprint.latent)
        )
