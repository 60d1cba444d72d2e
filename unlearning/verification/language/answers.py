"""What a model says token by token while it is shown the right answer: the one pass that all scores are made of.

Letters: K tokens of one answer, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

if TYPE_CHECKING:
    from torch import nn

    from unlearning.language.encoding import Encoded

Floats = npt.NDArray[np.float64]
# Of a token that gets no number at all: so unlikely that it marks the row, and still a number that can be written.
_WORST = -1e4
# Numbers in one table of logits; a handful of such tables are alive at once. With a large vocabulary rows wait.
_MOST_CELLS = 2**26


@dataclass(frozen=True)
class AnswerScores:
    """One answer under one model; each of shape (K,), the end of sequence last.

    logs: log-probability of each token, nats. hits: whether it is the arg-max. means, variances: of the
    log-probability of the next token, if the model itself drew it.
    """

    logs: Floats
    hits: npt.NDArray[np.bool_]
    means: Floats
    variances: Floats

    @property
    def is_sound(self) -> bool:
        """Whether every token got a number."""
        return bool((self.logs > _WORST).all())


def answer_scores(model: nn.Module, encoded: Sequence[Encoded], *, batch: int = 64) -> list[AnswerScores]:
    """The scores of each answer, in the order given; at most `batch` rows of like length share a pass."""
    found: dict[int, AnswerScores] = {}
    for places in _groups(model, encoded, batch):
        found |= zip(places, _scored(model, [encoded[at] for at in places]), strict=True)
    return [found[at] for at in range(len(encoded))]


def _groups(model: nn.Module, encoded: Sequence[Encoded], batch: int) -> list[list[int]]:
    from unlearning.language.scoring import base

    room = _MOST_CELLS // int(base(model).get_input_embeddings().weight.shape[0])
    groups: list[list[int]] = []
    left = 0
    for at in sorted(range(len(encoded)), key=lambda at: (len(encoded[at]), at)):
        left -= len(encoded[at].answer)
        if not groups or len(groups[-1]) == batch or left < 0:
            groups.append([])
            left = room - len(encoded[at].answer)
        groups[-1].append(at)
    return groups


def _scored(model: nn.Module, encoded: Sequence[Encoded]) -> list[AnswerScores]:
    from unlearning.language.batching import collated
    from unlearning.language.scoring import answer_logits

    with torch.no_grad():
        device = next(model.parameters()).device
        logits_KV, targets_K, owner_K = answer_logits(model, collated(encoded).to(device))
        logs_KV = torch.log_softmax(logits_KV.float(), dim=-1)
        shares_KV = logs_KV.exp()
        # A share of nothing weighs nothing, although its logarithm is -inf.
        finite_KV = logs_KV.clamp_min(_WORST)
        means_K = (shares_KV * finite_KV).sum(-1)
        columns = (
            logs_KV.gather(1, targets_K[:, None])[:, 0],
            logits_KV.argmax(-1) == targets_K,
            means_K,
            (shares_KV * (finite_KV - means_K[:, None]).square()).sum(-1),
        )
        logs, hits, means, variances = (column.double().cpu().numpy() for column in columns)
    owners = owner_K.cpu().numpy()
    return [
        AnswerScores(_numbers(logs[mine]), hits[mine] > 0, _numbers(means[mine]), np.nan_to_num(variances[mine]))
        for mine in (owners == row for row in range(len(encoded)))
    ]


def _numbers(values_K: Floats) -> Floats:
    cleaned: Floats = np.nan_to_num(values_K, nan=_WORST, neginf=_WORST).clip(min=_WORST)
    return cleaned
