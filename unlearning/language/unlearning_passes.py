"""The two passes of a step: over rows to forget, and over rows to keep. Each adds to the gradients and returns.

A row's weight is one over the rows, or the answer tokens, of its request's part of the step; so neither the number of
parts nor of processes changes the step. Letters: B rows of a part, K answer tokens of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from unlearning.language.batching import collated
from unlearning.language.encoding import Encoded
from unlearning.language.losses.keeping import keeping
from unlearning.language.losses.kl import kl
from unlearning.language.losses.rmu import rmu
from unlearning.language.methods import Answered, Method, Options
from unlearning.language.scoring import answer_logits, answer_nll
from unlearning.language.unlearning_cache import Kept, states_before


@dataclass(frozen=True)
class Sides:
    """Encoded rows to forget, their alternatives (empty if the method needs none) and rows to keep."""

    forget: Sequence[Encoded]
    alternatives: Sequence[Encoded]
    retain: Sequence[Encoded]


@dataclass(frozen=True)
class Passes:
    """What the passes of one run share. aim: (D,), where rmu steers to (empty for the others)."""

    model: Any
    method: Method
    options: Options
    sides: Sides
    kept: Kept
    aim: Tensor

    def forget(self, weights: dict[int, float]) -> dict[int, float]:
        """Gradients of gamma L_f for these rows with these weights; gives nll per token where the pass saw it."""
        seen: dict[int, float] = {}
        for rows in self._parts(self.sides.forget, list(weights)):
            weights_B = torch.tensor([weights[row] for row in rows], device=self.model.device)
            if "layer" in self.method.needs:
                loss = self._steering(rows, weights_B)
            else:
                loss = self._likelihood(rows, weights_B, seen)
            (self.options["forget_weight"] * loss).backward()
        return seen

    def retain(self, rows: Sequence[int], tokens: int) -> None:
        """Gradients of alpha L_r for these rows; tokens: answer tokens of the whole step's rows to keep."""
        for part in self._parts(self.sides.retain, rows):
            loss = self._keeping(part) / tokens
            (self.options["retain_weight"] * loss).backward()

    def _likelihood(self, rows: list[int], weights_B: Tensor, seen: dict[int, float]) -> Tensor:
        nll_B, counts_B = self._nll(self.sides.forget, rows)
        seen.update(zip(rows, (nll_B.detach() / counts_B).tolist(), strict=True))
        alternative_B = self._nll(self.sides.alternatives, rows)[0] if self.sides.alternatives else nll_B[:0]
        olds = [self._of(old_F, rows) for old_F in (self.kept.reference_nll, self.kept.alternative_nll)]
        loss_B = self.method.forget(Answered(nll_B, counts_B, olds[0], alternative_B, olds[1]), self.options)
        return (weights_B * loss_B).sum()

    def _steering(self, rows: list[int], weights_B: Tensor) -> Tensor:
        batch = collated([self.sides.forget[row] for row in rows]).to(self.model.device)
        owner_K = batch.answers_BT[:, 1:].nonzero()[:, 0]
        loss_K = rmu(states_before(self.model, batch, self.options["layer"]), self.aim)
        return (weights_B[owner_K] * loss_K).sum()

    def _keeping(self, rows: list[int]) -> Tensor:
        """Sum over the answer tokens of these rows."""
        if self.method.keep == "likelihood":
            return keeping(self._nll(self.sides.retain, rows)[0]).sum()
        batch = collated([self.sides.retain[row] for row in rows]).to(self.model.device)
        if self.method.keep == "states":
            old_KD = torch.cat([self.kept.states[row] for row in rows])
            return rmu(states_before(self.model, batch, self.options["layer"]), old_KD).sum()
        logits_KV, _, _ = answer_logits(self.model, batch)
        places_KC, logp_KC, rest_K = (
            torch.cat(part) for part in zip(*(self.kept.outcomes[r] for r in rows), strict=True)
        )
        return kl(logits_KV, places_KC, logp_KC, rest_K).sum()

    def _nll(self, side: Sequence[Encoded], rows: list[int]) -> tuple[Tensor, Tensor]:
        return answer_nll(self.model, collated([side[row] for row in rows]).to(self.model.device))

    def _of(self, old_F: Tensor, rows: list[int]) -> Tensor:
        return old_F[rows].to(self.model.device) if len(old_F) else old_F

    def _parts(self, side: Sequence[Encoded], rows: Sequence[int]) -> Iterator[list[int]]:
        """Rows of like length together, no more at once than the batch divided by `accumulation`."""
        size = -(-self.options["batch"] // self.options["accumulation"])
        order = sorted(rows, key=lambda row: (len(side[row]), row))
        yield from (order[at : at + size] for at in range(0, len(order), size))
