"""Scores of deleted and of never-seen rows under one model, by the kind of membership test; larger means member."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
_Pair = tuple[Marks, Marks]  # of the deleted and of the never-seen rows


@dataclass(frozen=True)
class Scores:
    """Two scores per row. near: large where the row looks like a member. far: small where it is below any stranger.

    They are one and the same where a single signal tells both. A likelihood ratio is not asked for the far tail: out
    there it extrapolates two fitted laws and may have either sign, so the deviation from models that never held the row
    stands in.
    """

    near: Floats
    far: Floats


Scorer = Callable[[Logits], tuple[Scores, Scores]]  # a model -> scores of the deleted and of the never-seen rows
SMALL_IS_MEMBER = {
    "loss": signals.losses,
    "entropy": signals.entropies,
    "modified_entropy": signals.modified_entropies,
}
WITH_SHADOWS = ("lira", "ulira")
STRANGERS = 20  # never-seen rows that shadows held and lacked: fewer would set no threshold worth the name
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
        _one(-signal(*_answers(model, data.deleted))),
        _one(-signal(*_answers(model, data.unseen))),
    )


def _one(scores_N: Floats) -> Scores:
    return Scores(scores_N, scores_N)


def _lira(data: Membership, shadows: Shadows) -> Scorer:
    """Online where shadows held and lacked every deleted row and never-seen rows enough; else offline, on all rows."""
    held, unseen_held = (shadows.of_rows(shadows.held, keys) for _, keys in _sides(data))
    if not (enough(~held).all() and enough(~unseen_held).all()):
        raise _too_few("lira")
    known_M = enough(unseen_held)
    online = bool(enough(held).all()) and int(known_M.sum()) >= STRANGERS
    if online:
        return _two_laws(data, shadows.trained, (held, unseen_held), (~held, ~unseen_held), known_M)
    own, others = (_confidences(shadows.trained, rows) for rows, _ in _sides(data))
    return lambda model: (
        _one(offline_scores(_confidence(model, data.deleted), own, ~held)),
        _one(offline_scores(_confidence(model, data.unseen), others, ~unseen_held)),
    )


def _ulira(data: Membership, shadows: Shadows) -> Scorer:
    """Shadows that unlearned the row against shadows that never held it and unlearned others: only the row differs."""
    if not shadows.unlearned:
        raise Refused(
            "SHADOWS_NOT_UNLEARNED",
            "membership.ulira needs shadows that unlearned their targets, got shadows that were only trained.",
            "Run classifier.shadows with the method of the candidate in `unlearn`.",
        )
    gone, unseen_gone = (shadows.of_rows(shadows.gone, keys) for _, keys in _sides(data))
    never, unseen_never = (~shadows.of_rows(shadows.held, keys) for _, keys in _sides(data))
    known_M = enough(unseen_gone) & enough(unseen_never)
    if not (enough(gone) & enough(never)).all() or int(known_M.sum()) < STRANGERS:
        raise _too_few("ulira")
    return _two_laws(data, shadows.unlearned, (gone, unseen_gone), (never, unseen_never), known_M)


def _two_laws(
    data: Membership,
    models: Sequence[Logits],
    inside: tuple[Marks, Marks],
    outside: tuple[Marks, Marks],
    known_M: Marks,
) -> Scorer:
    """Never-seen rows that were in no shadow have no inside law and set no threshold; the seed chose which they are."""
    own, others = (_confidences(models, rows) for rows, _ in _sides(data))

    def scores(model: Logits) -> tuple[Scores, Scores]:
        confidences_M = _confidence(model, data.unseen)[known_M]
        return (
            _two(_confidence(model, data.deleted), own, inside[0], outside[0]),
            _two(confidences_M, others[:, known_M], inside[1][:, known_M], outside[1][:, known_M]),
        )

    return scores


def _two(confidences_N: Floats, shadows_SN: Floats, inside_SN: Marks, outside_SN: Marks) -> Scores:
    near_N = online_scores(confidences_N, shadows_SN, inside_SN, outside_SN)
    return Scores(near_N, offline_scores(confidences_N, shadows_SN, outside_SN))


def _sides(data: Membership) -> list[tuple[NetworkProbe, Sequence[Key]]]:
    unknown: Key = ("", -1)
    return [
        (rows, keys or [unknown] * len(rows))
        for rows, keys in ((data.deleted, data.deleted_keys), (data.unseen, data.unseen_keys))
    ]


def _confidences(models: Sequence[Logits], rows: NetworkProbe) -> Floats:
    found_SN: Floats = np.stack([_confidence(model, rows) for model in models])
    return found_SN


def _confidence(model: Logits, rows: NetworkProbe) -> Floats:
    return signals.confidences(*_answers(model, rows))


def _answers(model: Logits, rows: NetworkProbe, *, batch: int = 1024) -> tuple[Floats, npt.NDArray[np.int64]]:
    """logits_NC in float64, and the positions of the rows' labels."""
    with torch.no_grad():
        parts = [model(x_B).double().cpu() for x_B in torch.split(rows.x, batch)]
    return torch.cat(parts).numpy(), rows.y.cpu().numpy()


def _too_few(kind: str) -> Refused:
    return Refused(
        "SHADOWS_TOO_FEW",
        f"membership.{kind} expects at least {LEAST} shadows on each side of a row, found fewer.",
        "Train more shadows (16 give 8 on each side) on the deleted rows and at least 20 never-seen ones.",
    )
