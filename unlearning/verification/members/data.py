"""The rows of a membership test, and the shadow models that likelihood ratios need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unlearning.verification.ascent import Logits
from unlearning.verification.network_arms import NetworkProbe

Key = tuple[str, int]  # input name and row index, as manifests name a row
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Shadows:
    """Models trained on random halves of a pool, as engine `classifier.shadows` leaves them.

    trained, unlearned: one model per shadow, before and after it unlearned the targets it held (unlearned is empty when
    none was asked). pool: the rows drawn from. held, gone: bool (S, P), whether shadow S was trained on row P of the
    pool, and whether it unlearned it afterwards.
    """

    trained: tuple[Logits, ...]
    unlearned: tuple[Logits, ...]
    pool: tuple[Key, ...]
    held: Marks
    gone: Marks

    def of_rows(self, marks_SP: Marks, keys: Sequence[Key]) -> Marks:
        """The marks of these rows, shape (S, N); a row outside the pool was held by none."""
        where = {key: column for column, key in enumerate(self.pool)}
        with_none = np.hstack([marks_SP, np.zeros((len(marks_SP), 1), dtype=bool)])
        marks_SN: Marks = with_none[:, [where.get(key, -1) for key in keys]]
        return marks_SN


@dataclass(frozen=True)
class Membership:
    """Rows of one comparison, scaled as the networks take them, and which rows they are for the shadows.

    deleted: the forgotten rows, or the canaries. unseen: never-seen rows like them; their scores set the thresholds.
    deleted_keys, unseen_keys: (input name, row index) per row; () for rows that stand in no object (the canaries'
    twins), which no shadow can have held. shadows: needed by lira and ulira only.
    """

    deleted: NetworkProbe
    unseen: NetworkProbe
    deleted_keys: tuple[Key, ...] = ()
    unseen_keys: tuple[Key, ...] = ()
    shadows: Shadows | None = None
