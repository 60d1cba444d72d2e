"""Relearning: what comes back after a few forgotten rows, after harmless text, or after retained rows alone?

What was suppressed and not removed returns in a few steps; a model that never held it needs the rows themselves (arXiv
2406.13356). The copies are thrown away. Retain-only steps are what every owner does next, and in trials they alone
raised forgotten rows a hundredfold: a standing attack.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from unlearning.language.authors import made_authors
from unlearning.language.encoding import Encoded, Template, encode
from unlearning.language.models import LanguageModel
from unlearning.language.training import BETAS, backward_token_mean
from unlearning.texts import TextRow
from unlearning.verification.language.answers import answer_scores
from unlearning.verification.language.metrics import extraction_strength
from unlearning.verification.probes.relearning import left_out

_NOBODYS_SEED = 20_260_101  # made authors that no training of ours uses


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """How a copy is taught: Adam on all weights. records: how many forgotten rows it is given back.

    draws: how often rows are drawn to be given back, more where it takes more to leave out each row once. lr: on the
    small models of decision 0030 1e-3 wipes out what the untouched model knows, 1e-4 brings nothing back.
    """

    records: tuple[int, ...] = (1, 5, 10)
    steps: int = 20
    lr: float = 3e-4
    draws: int = 1
    retain_steps: int = 40
    batch: int = 16


def extracted(model: nn.Module, rows: Sequence[Encoded], *, opened: float, batch: int) -> list[int]:
    """Per row, does at least the last `opened` of its answer follow by arg-max?"""
    scores = answer_scores(model, rows, batch=batch)
    return [int(extraction_strength(one) >= opened) for one in scores]


def relearned(
    model: nn.Module, rows: Sequence[Encoded], *, records: int, lesson: Lesson, opened: float, batch: int, seed: int
) -> list[int]:
    """Per row, is it extracted after `records` OTHER rows were given back? The strict majority over draws decides."""
    asked_N, right_N = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    for others in left_out(len(rows), records=records, draws=lesson.draws, seed=seed):
        taught = [rows[at] for at in np.setdiff1d(np.arange(len(rows)), others).tolist()]
        pupil = taught_copy(model, [taught] * lesson.steps, lr=lesson.lr)
        asked_N[others] += 1
        right_N[others] += extracted(pupil, [rows[at] for at in others.tolist()], opened=opened, batch=batch)
    return [int(bit) for bit in 2 * right_N > asked_N]


def steps_on(rows: Sequence[Encoded], lesson: Lesson, *, seed: int) -> list[list[Encoded]]:
    """The batches of the retain-only or harmless steps."""
    draw = random.Random(f"obelus/relearning/{seed}")
    size = min(lesson.batch, len(rows))
    return [draw.sample(list(rows), size) for _ in range(lesson.retain_steps)]


def harmless(lm: LanguageModel, *, template: Template) -> list[Encoded]:
    """Text that is about nobody: questions and answers of authors that we make up, as no training of ours does."""
    rows: list[TextRow] = [
        row for author in made_authors(authors=8, questions=8, seed=_NOBODYS_SEED) for row in author.rows
    ]
    return encode(lm.tokenizer, rows, template=template, most_tokens=2048)


def taught_copy(model: nn.Module, batches: Sequence[Sequence[Encoded]], *, lr: float) -> nn.Module:
    """A copy after one step per batch, in eval mode; the model itself is left as it was."""
    pupil = copy.deepcopy(model).eval()
    pupil.requires_grad_(True)
    optimiser = torch.optim.Adam(pupil.parameters(), lr=lr, betas=BETAS)
    for rows in batches:
        optimiser.zero_grad(set_to_none=True)
        backward_token_mean(pupil, rows, accumulation=1)
        optimiser.step()
    return pupil
