"""Relearning: how fast does a copy of the model take the forgotten rows back? Letters: N rows, C classes.

What was suppressed and not removed returns after a few steps, in a model that never held the rows it does not. The
copy is thrown away. Known from language models: fine-tuning on a few unrelated rows restores much (arXiv 2409.18025).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from unlearning.verification.network_arms import NetworkProbe

Bits = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """How a copy is taught: Adam on all weights, so that the step's length does not hang on the loss's scale.

    Measured on digits, a class forgotten by pushing its logit down by 20: after 20 steps at 1e-3 on 1, 5, 10 records
    .82, .94, .96 of the others are back and none in three retrained models; at 10 steps .21 to .43, at 40 steps the
    retrained ones reach .46, with SGD at .05 they reach .9.
    """

    steps: int = 20
    lr: float = 1e-3
    draws: int = 5
    retain_steps: int = 40
    batch: int = 64


def relearned_bits(model: nn.Module, rows: NetworkProbe, *, records: int, lesson: Lesson, seed: int) -> Bits:
    """Per row, is its label recognised after `records` OTHER rows of the same kind were relearned?

    Each draw teaches a fresh copy and asks the rows it was not taught; a row's bit is the strict majority over the
    draws that left it out. Every row is left out at least once, and all models get the same draws.
    """
    asked_N, right_N = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    for others in left_out(len(rows), records=records, draws=lesson.draws, seed=seed):
        taught = torch.from_numpy(np.setdiff1d(np.arange(len(rows)), others))
        pupil = taught_copy(model, [(rows.x[taught], rows.y[taught])] * lesson.steps, lr=lesson.lr)
        asked_N[others] += 1
        right_N[others] += recognised(pupil, rows)[others]
    bits_N: Bits = (2 * right_N > asked_N).astype(np.int64)
    return bits_N


def left_out(count: int, *, records: int, draws: int, seed: int) -> list[Bits]:
    """For each draw the rows that are not taught: windows of one random order that together cover every row.

    Where leaving out `count - records` rows at a time takes more than `draws` windows to cover all, there are more.
    """
    order = np.random.default_rng(seed).permutation(count)
    width = count - records
    windows = max(draws, -(-count // width))
    return [np.sort(order[(np.arange(width) + turn * width) % count]) for turn in range(windows)]


def retained_bits(
    model: nn.Module, groups: Sequence[NetworkProbe], retained: NetworkProbe, *, lesson: Lesson, seed: int
) -> list[Bits]:
    """Per group and row, is its label recognised after a few steps on retained rows alone? One copy answers for all."""
    draw = torch.Generator().manual_seed(seed)
    batch = min(lesson.batch, len(retained))
    chosen = [torch.randperm(len(retained), generator=draw)[:batch] for _ in range(lesson.retain_steps)]
    pupil = taught_copy(model, [(retained.x[rows], retained.y[rows]) for rows in chosen], lr=lesson.lr)
    return [recognised(pupil, group) for group in groups]


def taught_copy(model: nn.Module, batches: Sequence[tuple[Tensor, Tensor]], *, lr: float) -> nn.Module:
    """A copy after one step per batch, in eval mode; the model itself is left as it was."""
    pupil = copy.deepcopy(model).eval()
    for weights in pupil.parameters():
        weights.requires_grad_(True)
    optimiser = torch.optim.Adam(pupil.parameters(), lr=lr)
    for x_B, y_B in batches:
        optimiser.zero_grad(set_to_none=True)
        loss = cross_entropy(pupil(x_B), y_B)
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it bare
        optimiser.step()
    return pupil


def recognised(logits: Callable[[Tensor], Tensor], rows: NetworkProbe, *, batch: int = 512) -> Bits:
    """Per row, does the largest logit name its label?"""
    with torch.no_grad():
        said = [logits(x_B).argmax(dim=1) for x_B in torch.split(rows.x, batch)]
    bits_N: Bits = (torch.cat(said).cpu() == rows.y.cpu()).long().numpy()
    return bits_N
