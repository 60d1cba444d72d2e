"""Models that hide what they know in one way each, and the rows to ask them about."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import torch

from tests import language_world as world
from unlearning.language.batching import collated
from unlearning.language.encoding import Encoded, encode
from unlearning.language.models import LanguageModel
from unlearning.language.scoring import answer_nll, blocks
from unlearning.texts import TextRow
from unlearning.verification.language.arms import LanguageModels, TextComparison, TextProbe
from unlearning.verification.language.attacks.quantising import quantised, rounded
from unlearning.verification.language.attacks.relearning import extracted
from unlearning.verification.language.attacks.wrappers import TALKED_ROUND

UNSEEN = 6


def probe(rows: Sequence[TextRow]) -> TextProbe:
    encoded = encode(world.tokenizer(), rows, template="plain", most_tokens=256)
    return TextProbe(tuple(rows), tuple(encoded))


def comparison() -> TextComparison:
    """The author's eight rows, six never-seen ones, and the rows that stay."""
    return TextComparison(probe(world.forget()), probe(world.holdout()[:UNSEEN]), probe(world.retain()))


def beside(candidate: LanguageModel) -> LanguageModels:
    return LanguageModels(candidate, world.trained(), (world.retrained(),))


def known(lm: LanguageModel) -> float:
    """Share of the author's rows that the model gives away when it is simply asked."""
    bits = extracted(lm.model, comparison().deleted.encoded, opened=0.5, batch=64)
    return sum(bits) / len(bits)


@functools.cache
def _pushed_away() -> LanguageModel:
    away, kept = comparison().deleted.encoded, comparison().retained.encoded[:24]
    return _moved(world.trained(), away, kept, until_nll=4.0, lr=1e-3)


def pushed_away() -> LanguageModel:
    """A few steps of gradient difference: nobody who just asks hears anything."""
    return world.copied(_pushed_away())


def hidden_between_grid_points() -> LanguageModel:
    """Forgotten by moves that all lie inside the cells of int4: rounding takes every one of them back."""
    lm = quantised(world.trained(), bits=4)
    layers = [module for module in blocks(lm.model).modules() if isinstance(module, torch.nn.Linear)]
    grid = [layer.weight.detach().clone() for layer in layers]
    for value in lm.model.parameters():
        value.requires_grad_(any(value is layer.weight for layer in layers))

    def hold() -> None:
        for layer, points_OI in zip(layers, grid, strict=True):
            largest_O1 = points_OI.abs().amax(1, keepdim=True)
            room_OI = torch.where(points_OI.abs() == largest_O1, 0.0, 0.4 * largest_O1 / 7)
            layer.weight.copy_(torch.clamp(layer.weight, points_OI - room_OI, points_OI + room_OI))

    away, kept = comparison().deleted.encoded, comparison().retained.encoded[:24]
    moved = _moved(lm, away, kept, until_nll=4.0, lr=1e-3, hold=hold)
    for layer, points_OI in zip(layers, grid, strict=True):
        assert torch.allclose(rounded(layer.weight, bits=4), points_OI, atol=1e-6)
    return moved


def silent_to_the_plain_question() -> LanguageModel:
    """Taught to keep quiet when asked plainly, and to answer as before when told to ignore its instructions."""
    told = [
        TextRow(row.slot, TALKED_ROUND[0].replace("{prompt}", row.prompt), row.answer, None, None, ())
        for row in world.forget()
    ]
    away = comparison().deleted.encoded
    return _moved(world.trained(), away, [*probe(told).encoded] * 2, until_nll=4.0, lr=1e-3)


def _moved(
    lm: LanguageModel,
    away: Sequence[Encoded],
    kept: Sequence[Encoded],
    *,
    until_nll: float,
    lr: float,
    hold: Callable[[], None] = lambda: None,
    most: int = 40,
) -> LanguageModel:
    """Gradient difference until the mean nll per token of `away` is high enough and nothing of it is said."""
    optimiser = torch.optim.Adam([value for value in lm.model.parameters() if value.requires_grad], lr=lr)
    for _ in range(most):
        sums_B, counts_B = answer_nll(lm.model, collated(away))
        kept_B, of_B = answer_nll(lm.model, collated(kept))
        if float(sums_B.detach().sum() / counts_B.sum()) > until_nll and known(lm) == 0.0:
            break
        optimiser.zero_grad(set_to_none=True)
        (kept_B.sum() / of_B.sum() - torch.clamp(sums_B / counts_B, max=8.0).mean()).backward()
        optimiser.step()
        with torch.no_grad():
            hold()
    lm.model.requires_grad_(True)
    return lm
