"""Texts of equal length: a trigger forces a short text more easily than a long one, so both sides get like lengths."""

from __future__ import annotations

from collections.abc import Sequence

from unlearning.language.encoding import Encoded


def alike(deleted: Sequence[Encoded], unseen: Sequence[Encoded]) -> tuple[list[Encoded], list[Encoded]]:
    """Both without end of sequence, each answer cut to that of its partner, the row of like rank by length.

    With as many rows on both sides the lengths are then the same, one for one.
    """
    if not deleted or not unseen:
        return [_cut(row, _answer(row)) for row in deleted], [_cut(row, _answer(row)) for row in unseen]
    return _cut_to(deleted, unseen), _cut_to(unseen, deleted)


def _cut_to(rows: Sequence[Encoded], others: Sequence[Encoded]) -> list[Encoded]:
    theirs = sorted(map(_answer, others))
    order = sorted(range(len(rows)), key=lambda at: (_answer(rows[at]), at))
    made = list(rows)
    for rank, at in enumerate(order):
        made[at] = _cut(rows[at], min(_answer(rows[at]), theirs[rank * len(theirs) // len(rows)]))
    return made


def _answer(row: Encoded) -> int:
    """Tokens without the end of sequence."""
    return len(row.ids) - row.answer_at - 1


def _cut(row: Encoded, tokens: int) -> Encoded:
    return Encoded(row.ids[: row.answer_at + max(1, tokens)], row.answer_at)
