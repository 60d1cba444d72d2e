"""What the model was before: computed once, before the first step, and kept, so that no second model is needed.

Only rows that the plan will see are looked at. Letters: F rows to forget, R to keep, K answer tokens of one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from unlearning.language.batching import Batch, collated
from unlearning.language.encoding import Encoded
from unlearning.language.losses.kl import coarse
from unlearning.language.methods import Method, Options
from unlearning.language.scoring import answer_logits, answer_nll, hidden

_AT_ONCE = 32  # rows


@dataclass(frozen=True)
class Kept:
    """nll of rows to forget (F,) and of their alternatives (F,), and of each planned row to keep what `keep` names.

    outcomes: places (K, C), log-probabilities (K, C) and log of the rest (K,). states: (K, D).
    """

    reference_nll: Tensor
    alternative_nll: Tensor
    outcomes: dict[int, tuple[Tensor, Tensor, Tensor]] = field(default_factory=dict)
    states: dict[int, Tensor] = field(default_factory=dict)


def kept(
    model: Any,
    method: Method,
    options: Options,
    *,
    forget: Sequence[Encoded],
    alternatives: Sequence[Encoded],
    retain: Sequence[Encoded],
    used: Sequence[int],
) -> Kept:
    """Run the untouched model over what the method needs; used: the rows to keep that the plan will see."""
    reference_F = nll_of(model, forget)[0] if "reference" in method.needs else torch.empty(0)
    alternative_F = nll_of(model, alternatives)[0] if alternatives else torch.empty(0)
    found = Kept(reference_F, alternative_F)
    with torch.no_grad():
        for rows in _groups(retain, used) if method.keep != "likelihood" else ():
            batch = collated([retain[row] for row in rows]).to(model.device)
            if method.keep == "states":
                found.states.update(_split(rows, retain, states_before(model, batch, options["layer"])))
                continue
            logits_KV, _, _ = answer_logits(model, batch)
            parts = [_split(rows, retain, part) for part in coarse(logits_KV, top=options["kept_outcomes"])]
            found.outcomes.update({row: (parts[0][row], parts[1][row], parts[2][row]) for row in rows})
    return found


def nll_of(model: Any, encoded: Sequence[Encoded]) -> tuple[Tensor, Tensor]:
    """sums (N,) and counts (N,) of -log p over the answers, on the CPU, without gradients."""
    sums_N, counts_N = torch.zeros(len(encoded)), torch.tensor([len(row.answer) for row in encoded])
    with torch.no_grad():
        for rows in _groups(encoded, range(len(encoded))):
            found_B, _ = answer_nll(model, collated([encoded[row] for row in rows]).to(model.device))
            sums_N[rows] = found_B.float().cpu()
    return sums_N, counts_N


def states_before(model: Any, batch: Batch, layer: int) -> Tensor:
    """hidden_KD after block `layer`, at the positions from which the answer's tokens are foretold."""
    hidden_BTD = hidden(model, batch, layer)
    return hidden_BTD[:, :-1][batch.answers_BT[:, 1:]]


def _groups(encoded: Sequence[Encoded], rows: Sequence[int]) -> Iterator[list[int]]:
    order = sorted(rows, key=lambda row: (len(encoded[row]), row))
    yield from (order[at : at + _AT_ONCE] for at in range(0, len(order), _AT_ONCE))


def _split(rows: Sequence[int], encoded: Sequence[Encoded], values_K: Tensor) -> dict[int, Tensor]:
    parts = torch.split(values_K, [len(encoded[row].answer) for row in rows])
    # Cloned: a view would hold the whole batch in memory.
    return {row: part.clone() for row, part in zip(rows, parts, strict=True)}
