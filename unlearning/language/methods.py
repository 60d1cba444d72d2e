"""The methods of unlearning by name: a loss for the rows to forget, a way to keep the others, and what they need.

A new method is a file under losses/, an entry here, and its defaults in unlearning/parameters/language_methods.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor

from unlearning.language.losses.dpo import dpo
from unlearning.language.losses.gradient_ascent import gradient_ascent
from unlearning.language.losses.npo import npo
from unlearning.language.losses.simnpo import simnpo

Options = Mapping[str, Any]
# reference: nll of the rows to forget before unlearning. alternatives: other answers, refusals: "I do not know" in many
# words, both with their own reference nll. layer: states after one block, instead of answers.
Need = Literal["reference", "alternatives", "refusals", "layer"]


@dataclass(frozen=True)
class Answered:
    """What a pass over B rows to forget found; sums over the answer's tokens, nats. Tensors of shape (B,).

    What the method does not need is empty.
    """

    nll: Tensor
    counts: Tensor
    reference_nll: Tensor
    alternative_nll: Tensor
    alternative_reference_nll: Tensor


@dataclass(frozen=True)
class Method:
    """forget: the loss per row, for methods that look at answers. over: what its sum is divided by.

    keep: likelihood (the ordinary loss), divergence (from the old answers) or states (after the method's layer).
    """

    forget: Callable[[Answered, Options], Tensor]
    over: Literal["rows", "tokens"]
    keep: Literal["likelihood", "divergence", "states"] = "likelihood"
    needs: frozenset[Need] = frozenset()


def _ascent(seen: Answered, _: Options) -> Tensor:
    return gradient_ascent(seen.nll)


def _npo(seen: Answered, options: Options) -> Tensor:
    return npo(seen.nll, seen.reference_nll, beta=options["beta"])


def _simnpo(seen: Answered, options: Options) -> Tensor:
    return simnpo(seen.nll, seen.counts, beta=options["beta"], delta=options["delta"])


def _dpo(seen: Answered, options: Options) -> Tensor:
    olds = seen.alternative_nll, seen.alternative_reference_nll
    return dpo(seen.nll, seen.reference_nll, *olds, beta=options["beta"])


def _steered(_: Answered, __: Options) -> Tensor:
    raise AssertionError("a method that needs a layer is given states, not answers")


METHODS: dict[str, Method] = {
    "gradient_ascent": Method(_ascent, "tokens"),
    "grad_diff": Method(_ascent, "tokens"),
    "kl": Method(_ascent, "tokens", keep="divergence"),
    "dpo": Method(_dpo, "rows", needs=frozenset({"reference", "alternatives"})),
    "idk_dpo": Method(_dpo, "rows", needs=frozenset({"reference", "refusals"})),
    "npo": Method(_npo, "rows", needs=frozenset({"reference"})),
    "simnpo": Method(_simnpo, "rows"),
    "rmu": Method(_steered, "tokens", keep="states", needs=frozenset({"layer"})),
}
