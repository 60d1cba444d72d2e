"""Hard suffixes by greedy coordinate gradient (arXiv 2307.15043): real tokens, which anybody could send.

Each step reads from one gradient which tokens promise most at each place, draws exchanges of one token per row, tries
them all in batched passes, and keeps the best if it is better. Tokens are not made to survive being read again as text.
Letters: B rows, N tokens of the suffix, Q candidates per row, V vocabulary, D width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from unlearning.language.encoding import Encoded
from unlearning.verification.language.attacks.triggers import (
    Aim,
    Placed,
    frozen,
    in_parts,
    losses,
    opened,
    placed,
    seen_part,
)


@dataclass(frozen=True, kw_only=True)
class Hardness:
    """How hard it tries: steps, exchanges tried per row and step, and from how many of the best tokens of a place."""

    tokens: tuple[int, ...] = (2, 4, 8)
    steps: int = 12
    candidates: int = 24
    best: int = 32


def suffix_bits(
    model: nn.Module,
    rows: Sequence[Encoded],
    *,
    allowed_V: Tensor,
    tokens: int,
    how: Hardness,
    aim: Aim,
    tail: int,
    batch: int,
    seed: int,
) -> list[int]:
    """Per row, is it recovered with a suffix of so many tokens? allowed_V: bool, tokens that a suffix may hold.

    Each suffix that the search passes through is tried: the likeliest answer is not always the one that comes out.
    """
    undo = frozen(model)
    try:
        seen = placed([seen_part(row, aim) for row in rows], tokens=tokens, tail=tail)
        found = torch.zeros(len(rows), dtype=torch.int64)
        for suffix_BN in _searched(model, seen, allowed_V, how=how, batch=batch, seed=seed):
            found |= torch.tensor(_opened(model, rows, suffix_BN, aim=aim, tail=tail, batch=batch))
    finally:
        undo()
    return [int(bit) for bit in found]


def allowed_tokens(tokenizer: Any, size: int) -> Tensor:
    """bool of shape (size,): what a user can type, so no special token and none beyond the tokenizer's own."""
    allowed_V = torch.arange(size) < len(tokenizer)
    allowed_V[torch.tensor(sorted(tokenizer.all_special_ids), dtype=torch.int64)] = False
    return allowed_V


def _opened(
    model: nn.Module, rows: Sequence[Encoded], suffix_BN: Tensor, *, aim: Aim, tail: int, batch: int
) -> list[int]:
    table_VD, bits = _table(model), []
    for first, last in in_parts(len(rows), batch=batch):
        bits += opened(model, rows[first:last], table_VD[suffix_BN[first:last]], aim=aim, tail=tail)
    return bits


def _searched(
    model: nn.Module, rows: Placed, allowed_V: Tensor, *, how: Hardness, batch: int, seed: int
) -> Iterator[Tensor]:
    """The suffixes of all rows, at the start and after each step; never a worse one."""
    draw, table_VD = torch.Generator().manual_seed(seed), _table(model)
    suffix_BN, least_B = _started(model, rows, allowed_V, how=how, batch=batch, draw=draw)
    yield suffix_BN
    for _ in range(how.steps):
        promising_BNQ = _promising(model, rows, suffix_BN, allowed_V, table_VD, best=how.best, batch=batch)
        tried_BQN = _exchanged(suffix_BN, promising_BNQ, candidates=how.candidates, draw=draw)
        losses_BQ = _tried(model, rows, tried_BQN, batch=batch)
        found_B, which_B = losses_BQ.min(1)
        better_B = found_B < least_B
        suffix_BN[better_B] = tried_BQN[torch.arange(len(rows)), which_B][better_B]
        least_B = torch.minimum(least_B, found_B)
        yield suffix_BN


def _started(
    model: nn.Module, rows: Placed, allowed_V: Tensor, *, how: Hardness, batch: int, draw: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Of some random suffixes the best for each row, and its loss: most random ones derail a small model."""
    typed = allowed_V.nonzero()[:, 0]
    drawn_QN = typed[torch.randint(len(typed), (how.candidates, rows.places.shape[1]), generator=draw)]
    least_B, which_B = _tried(model, rows, drawn_QN.repeat(len(rows), 1, 1), batch=batch).min(1)
    return drawn_QN[which_B].clone(), least_B


def _promising(
    model: nn.Module, rows: Placed, suffix_BN: Tensor, allowed_V: Tensor, table_VD: Tensor, *, best: int, batch: int
) -> Tensor:
    """The `best` tokens per row and place: the loss is linear in a one-hot token, so one gradient ranks all of them."""
    found = []
    for first, last in in_parts(len(rows), batch=batch):
        trigger_BND = table_VD[suffix_BN[first:last]].float().requires_grad_(True)
        total = losses(model, rows.at(first, last), trigger_BND).sum()
        (slope_BND,) = torch.autograd.grad(total, trigger_BND)
        falls_BNV = -(slope_BND @ table_VD.float().T)
        falls_BNV[..., ~allowed_V] = -torch.inf
        found.append(falls_BNV.topk(min(best, int(allowed_V.sum())), dim=2).indices.cpu())
    return torch.cat(found)


def _exchanged(suffix_BN: Tensor, promising_BNQ: Tensor, *, candidates: int, draw: torch.Generator) -> Tensor:
    """Each candidate differs from the row's suffix in one place; every row gets the same places and ranks drawn."""
    rows, tokens = suffix_BN.shape
    place_Q = torch.randint(tokens, (candidates,), generator=draw)
    rank_Q = torch.randint(promising_BNQ.shape[2], (candidates,), generator=draw)
    tried_BQN = suffix_BN[:, None].repeat(1, candidates, 1)
    tried_BQN[:, torch.arange(candidates), place_Q] = promising_BNQ[:, place_Q, rank_Q]
    return tried_BQN


@torch.no_grad()
def _tried(model: nn.Module, rows: Placed, tried_BQN: Tensor, *, batch: int) -> Tensor:
    """The loss of each candidate of each row (B, Q), `batch` sequences at a time."""
    count, candidates, tokens = tried_BQN.shape
    owner = torch.arange(count).repeat_interleave(candidates)
    flat, table_VD, found = tried_BQN.reshape(-1, tokens), _table(model), []
    for first, last in in_parts(len(flat), batch=batch):
        owners = owner[first:last]
        part = Placed(tuple(rows.rows[at] for at in owners.tolist()), rows.places[owners])
        found.append(losses(model, part, table_VD[flat[first:last]]))
    return torch.cat(found).reshape(count, candidates).cpu()


def _table(model: nn.Module) -> Tensor:
    found: Tensor = model.get_input_embeddings().weight.detach()  # type: ignore[operator] # untyped there
    return found
