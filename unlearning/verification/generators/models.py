"""Two small generators of our own and their file, format obelus/generator/1.

Letters: B batch, C classes, F features of a flat picture in [0, 1], Z latent.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from unlearning.described_weights import read_described, refuse_unfit, write_described
from unlearning.runner.refusals import Refused
from unlearning.verification.generators.blueprint import Blueprint

__all__ = ["Blueprint", "Decoder", "Inpainter", "build_generator", "load_generator", "save_generator"]

FORMAT = "obelus/generator/1"
FILE = "model.safetensors"
_ANOTHER = "Give a folder that engine generator.train wrote."


class Decoder(nn.Module):
    """pictures = decoder(z, mix): a latent, and how much of each label's embedding.

    An ordinary request has a one-hot mix; an attacker with the weights may blend embeddings as they please.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        super().__init__()
        self.blueprint = blueprint
        self.labels = nn.Linear(len(blueprint.classes), blueprint.embedding, bias=False)
        nn.init.normal_(self.labels.weight)
        self.body = _body(blueprint.latent + blueprint.embedding, blueprint)

    def forward(self, z_BZ: Tensor, mix_BC: Tensor) -> Tensor:
        """Pictures_BF."""
        return torch.sigmoid(self.body(torch.cat([z_BZ, self.labels(mix_BC)], dim=1)))


class Inpainter(nn.Module):
    """completed = inpainter(pictures): what is hidden is painted anew and never looked at; the rest is handed through.

    There is no label: whom a picture belongs to is the caller's business.
    """

    hidden: Tensor

    def __init__(self, blueprint: Blueprint) -> None:
        super().__init__()
        self.blueprint = blueprint
        self.body = _body(blueprint.inputs, blueprint)
        self.register_buffer("hidden", blueprint.hidden, persistent=False)

    def forward(self, pictures_BF: Tensor) -> Tensor:
        """Completed pictures_BF."""
        hidden_F = self.hidden
        shown_BF = pictures_BF.masked_fill(hidden_F, 0.0)
        return torch.where(hidden_F, torch.sigmoid(self.body(2.0 * shown_BF - 1.0)), shown_BF)


Generator = Decoder | Inpainter


def build_generator(blueprint: Blueprint, *, seed: int) -> Generator:
    """Random weights drawn from the seed alone, in eval mode; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _of(blueprint).eval()


def save_generator(folder: Path, generator: Generator) -> None:
    """Write the weights as float32 into a new folder; equal generators give equal bytes."""
    folder.mkdir(parents=True)
    write_described(folder / FILE, generator.state_dict(), {"format": FORMAT, **generator.blueprint.as_params()})


def load_generator(folder: Path) -> Generator:
    """Read a generator back, in eval mode.

    Raises: Refused with MODEL_UNREADABLE.
    """
    public, tensors = read_described(folder / FILE, kind=FORMAT, remedy=_ANOTHER)
    try:
        blueprint = Blueprint.from_params(public)
    except (Refused, TypeError, ValueError, OverflowError) as error:
        raise Refused("MODEL_UNREADABLE", f"expected a sound generator in {FILE}.", _ANOTHER) from error
    # Without storage first: metadata that lies about sizes must not make us reserve them.
    with torch.device("meta"):
        expected = {name: value.shape for name, value in _of(blueprint).state_dict().items()}
    refuse_unfit(tensors, expected, remedy=_ANOTHER)
    generator = build_generator(blueprint, seed=0)
    generator.load_state_dict(tensors)
    return generator.eval()


def _of(blueprint: Blueprint) -> Generator:
    return Decoder(blueprint) if blueprint.family == "decoder" else Inpainter(blueprint)


def _body(inputs: int, blueprint: Blueprint) -> nn.Sequential:
    width = blueprint.width
    return nn.Sequential(
        nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, blueprint.inputs)
    )
