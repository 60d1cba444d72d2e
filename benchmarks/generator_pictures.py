"""What generators drew, to look at: rows of small pictures, a few kilobytes each."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from benchmarks.pages import save_picture
from unlearning.verification.generators.inpainting import Masked, best_queries
from unlearning.verification.generators.latent import sphere

COLUMNS = 10


def draw_search(world: Any, data: tuple[Tensor, Tensor]) -> None:
    """The class before, after, and through other doors; last the adversarial pictures of a control."""
    pictures, labels = data
    blueprint = world.named["untouched"].blueprint
    z = sphere(count=COLUMNS, latent=blueprint.latent, seed=0)
    mix = one_hot(torch.full((COLUMNS,), world.label), len(blueprint.classes)).float()
    rows = {f"real {world.label}s, never seen": pictures[1300:][labels[1300:] == world.label][:COLUMNS]}
    for name in ("untouched", "redirected", "retrained"):
        rows[f"{name}, asked for {world.label}"] = world.named[name](z, mix).detach()
    for name in ("untouched", "redirected", "retrained"):
        rows[f"{name}, searched through other labels"] = nearest_accepted(world, name)
    save_rows(rows, "generator-uma-search.png", side=blueprint.shape[0])


def nearest_accepted(world: Any, name: str) -> Tensor:
    """For the noises where both classifiers agree, the accepted picture that lies nearest to a real one."""
    found, judged = world.found(world.named[name], "other")
    last_LNF = found[-1]
    first, second = world.judges.say(last_LNF.flatten(0, 1), world.label)
    far = world.measure.distances(last_LNF.flatten(0, 1)).masked_fill(~(first & second), torch.inf)
    best_N = far.view(last_LNF.shape[:2]).argmin(dim=0)
    noises = np.flatnonzero(np.isfinite(judged.nearest))
    chosen = noises[np.argsort(judged.nearest[noises])][:COLUMNS]
    return torch.stack([last_LNF[best_N[noise], noise] for noise in chosen])


def draw_inpainting(world: Any, masked: Masked) -> None:
    """Deleted pictures: the truth, what was shown, and what each model painted at budgets 0 and .1."""
    _, named, deleted, _ = world
    chosen = deleted[:COLUMNS]
    shown = chosen.masked_fill(masked.hidden, 0.5)
    rows = {"deleted pictures": chosen, "what the models are shown": shown}
    for name in ("untouched", "fine-tuned", "retrained"):
        rows[f"{name}, as asked"] = named[name](chosen).detach()
    for name in ("untouched", "fine-tuned", "retrained"):
        asked = best_queries(named[name], chosen, chosen, replace(masked, budgets=(0.1,)))
        rows[f"{name}, attacked within .1"] = named[name](asked).detach()
    save_rows(rows, "generator-uma-inpainting.png", side=8)


def save_rows(rows: dict[str, Tensor], name: str, *, side: int) -> None:
    """One line of pictures under each other, with what they are at the left."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(rows), 1, figsize=(7.2, 0.52 * len(rows)))
    for axis, (title, pictures) in zip(axes, rows.items(), strict=True):
        padded = np.ones((side + 1, COLUMNS * (side + 1)))
        for at, picture in enumerate(pictures):
            padded[:side, at * (side + 1) : at * (side + 1) + side] = 1.0 - picture.numpy().reshape(side, side)
        axis.imshow(padded, cmap="gray", vmin=0.0, vmax=1.0, interpolation="nearest")
        axis.set_xticks([])
        axis.set_yticks([])
        axis.spines[:].set_visible(False)
        axis.set_ylabel(title, rotation=0, ha="right", va="center", fontsize=8)
    save_picture(figure, name)
