"""Scores of deleted and of never-seen rows under one model, by the kind of membership test; larger means member."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch

from unlearning.runner.refusals import Refused
from unlearning.verification.ascent import Logits
from unlearning.verification.members import signals
from unlearning.verification.members.data import Key, Membership, Shadows
from unlearning.verification.members.likelihood import LEAST, enough, offline_scores, online_scores
from unlearning.verification.network_arms import NetworkProbe

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]
Scorer = Callable[[Logits], tuple[Floats, Floats]]  # a model -> scores of the deleted and of the never-seen rows
SMALL_IS_MEMBER = {
    "loss": signals.losses,
    "entropy": signals.entropies,
    "modified_entropy": signals.modified_entropies,
}
WITH_SHADOWS = ("lira", "ulira")
KINDS = (*SMALL_IS_MEMBER, *WITH_SHADOWS)


def scorer(kind: str, data: Membership) -> Scorer:
    """What turns a model into scores. The shadows answer once, not again for every model.

    Raises: Refused with MEMBERSHIP_UNKNOWN, SHADOWS_MISSING, SHADOWS_TOO_FEW or SHADOWS_NOT_UNLEARNED.
    """
    if kind in SMALL_IS_MEMBER:
        return _own_signal(kind, data)
    if kind not in WITH_SHADOWS:
        raise Refused("MEMBERSHIP_UNKNOWN", f"expected one of {', '.join(KINDS)}; got another.", "Correct the kinds.")
    if data.shadows is None:
        raise Refused(
            "SHADOWS_MISSING",
            f"membership.{kind} needs shadow models, got none.",
            "Run classifier.shadows and give its weights as input 'shadows', or leave the kind out.",
        )
    return _lira(data, data.shadows) if kind == "lira" else _ulira(data, data.shadows)


def _own_signal(kind: str, data: Membership) -> Scorer:
    signal = SMALL_IS_MEMBER[kind]
    return lambda model: (
        -signal(*_answers(model, data.deleted)),
        -signal(*_answers(model, data.unseen)),
    )


def _lira(data: Membership, shadows: Shadows) -> Scorer:
    """Online where shadows held and lacked every row, offline (only those that lacked it) where not."""
    laws = [(shadows.of_rows(shadows.held, keys), _confidences(shadows.trained, rows)) for rows, keys in _sides(data)]
    if not all(enough(~held) for held, _ in laws):
        raise _too_few("lira")
    online = all(enough(held) for held, _ in laws)

    def score(model: Logits, side: int, rows: NetworkProbe) -> Floats:
        held, shadow = laws[side]
        own = signals.confidences(*_answers(model, rows))
        return online_scores(own, shadow, held, ~held) if online else offline_scores(own, shadow, ~held)

    return lambda model: (score(model, 0, data.deleted), score(model, 1, data.unseen))


def _ulira(data: Membership, shadows: Shadows) -> Scorer:
    """Shadows that unlearned the row against shadows that never held it and unlearned others: only the row differs."""
    if not shadows.unlearned:
        raise Refused(
            "SHADOWS_NOT_UNLEARNED",
            "membership.ulira needs shadows that unlearned their targets, got shadows that were only trained.",
            "Run classifier.shadows with the method of the candidate in `unlearn`.",
        )
    laws = [
        (
            shadows.of_rows(shadows.gone, keys),
            ~shadows.of_rows(shadows.held, keys),
            _confidences(shadows.unlearned, rows),
        )
        for rows, keys in _sides(data)
    ]
    if not all(enough(gone) and enough(never) for gone, never, _ in laws):
        raise _too_few("ulira")

    def score(model: Logits, side: int, rows: NetworkProbe) -> Floats:
        gone, never, shadow = laws[side]
        return online_scores(signals.confidences(*_answers(model, rows)), shadow, gone, never)

    return lambda model: (score(model, 0, data.deleted), score(model, 1, data.unseen))


def _sides(data: Membership) -> list[tuple[NetworkProbe, Sequence[Key]]]:
    unknown: Key = ("", -1)
    return [
        (rows, keys or [unknown] * len(rows))
        for rows, keys in ((data.deleted, data.deleted_keys), (data.unseen, data.unseen_keys))
    ]


def _confidences(models: Sequence[Logits], rows: NetworkProbe) -> Floats:
    found_SN: Floats = np.stack([signals.confidences(*_answers(model, rows)) for model in models])
    return found_SN


def _answers(model: Logits, rows: NetworkProbe, *, batch: int = 1024) -> tuple[Floats, npt.NDArray[np.int64]]:
    """logits_NC in float64, and the positions of the rows' labels."""
    with torch.no_grad():
        parts = [model(x_B).double().cpu() for x_B in torch.split(rows.x, batch)]
    return torch.cat(parts).numpy(), rows.y.cpu().numpy()


def _too_few(kind: str) -> Refused:
    return Refused(
        "SHADOWS_TOO_FEW",
        f"membership.{kind} expects at least {LEAST} shadows on each side of each row, found fewer.",
        "Train more shadows (16 give about 8 on each side) over a pool that holds these rows.",
    )
