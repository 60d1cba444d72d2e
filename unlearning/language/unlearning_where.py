"""Where a run may change the model: everywhere, or in a share of the weights that a rule picks before the first step.

The rule looks at the model as it came, never at a half-done one: a run that goes on finds the same weights again. What
it picked by influence follows from the rows to forget; the digest and the layers are not for everybody to read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from unlearning.language.distributed.company import Company
from unlearning.language.influence.choosing import spread
from unlearning.language.influence.masks import at_random, least_influential, most_influential
from unlearning.language.influence.scores import by_layer, ratio, squared_gradients
from unlearning.language.methods import Options
from unlearning.language.unlearning_passes import Sides
from unlearning.runner.refusals import Refused

_PICKS = {"influence": most_influential, "inverse": least_influential}


@dataclass(frozen=True)
class Where:
    """masks: bool by parameter name, True where the weight may move; none where all may. layers: influence of each."""

    masks: Mapping[str, Tensor] | None = None
    layers: dict[str, float] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Of the masks, by name and place; nothing where all weights may move."""
        if self.masks is None:
            return ""
        found = hashlib.sha256()
        for name, mask in sorted(self.masks.items()):
            found.update(f"{name} {list(mask.shape)} ".encode())
            found.update(mask.cpu().contiguous().view(torch.uint8).numpy().tobytes())
        return f"sha256:{found.hexdigest()}"

    def record(self) -> dict[str, Any]:
        """What a run says of its choice; which rule and share were asked for stands among its parameters."""
        if self.masks is None:
            return {}
        moved = sum(int(mask.sum()) for mask in self.masks.values())
        return {"chosen_weights": {"digest": self.digest, "weights": moved, "influence_by_layer": self.layers}}


def where(
    model: Any, sides: Sides, options: Options, *, only: Mapping[str, Tensor] | None = None, company: Company
) -> Where:
    """The weights that the parameter `where` picks, of those that may move; `only` are masks that a caller made.

    At most 64 rows of either side are looked at, one backward pass each, by the first process alone: another's
    rounding would pick other weights at the border. Scores and their order take seven times the weights' room.
    Raises: Refused with WEIGHTS_CHOSEN_TWICE or WEIGHTS_DECAY.
    """
    choose = options["where"]["choose"]
    if only is not None:
        _refuse_beside(choose, options)
        return Where(only)
    if choose == "all":
        return Where()
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    masks = {name: torch.zeros_like(weight, dtype=torch.bool) for name, weight in trained.items()}
    layers: dict[str, float] = {}
    if company.leads:
        picked, layers = _picked(model, sides, options)
        masks = {name: picked[name].to(mask.device) for name, mask in masks.items()}
    company.hand_out_each(mask.view(torch.uint8) for mask in masks.values())  # not every backend sends bools
    return Where(masks, layers)


def _picked(model: Any, sides: Sides, options: Options) -> tuple[dict[str, Tensor], dict[str, float]]:
    choose, share = options["where"]["choose"], options["where"]["share"]
    if choose == "random":
        weights = {name: weight.detach() for name, weight in model.named_parameters() if weight.requires_grad}
        return at_random(weights, share=share, seed=options["seed"]), {}
    forget, retain = (squared_gradients(model, spread(side)) for side in (sides.forget, sides.retain))
    return _PICKS[choose](ratio(forget, retain), share=share), by_layer(model, forget, retain)


def _refuse_beside(choose: str, options: Options) -> None:
    if choose != "all":
        raise Refused("WEIGHTS_CHOSEN_TWICE", "expected `only` or `where`, got both.", "Leave one of them out.")
    if options["weight_decay"]:
        raise Refused(
            "WEIGHTS_DECAY",
            "expected no weight decay beside `only`: it would move the weights outside, too.",
            "Leave weight_decay at 0, or let all weights move.",
        )
