"""The rows of a membership test, and the shadow models that likelihood ratios need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unlearning.verification.ascent import Logits
from unlearning.verification.network_arms import NetworkProbe

Key = tuple[str, int]  # input name and row index, as manifests name a row
States = npt.NDArray[np.int8]
NEVER, HELD = 0, 1


@dataclass(frozen=True)
class Shadows:
    """Models trained on random halves of a pool, as engine `classifier.shadows` leaves them.

    trained, unlearned: one model per shadow, before and after it unlearned the targets it held (unlearned is empty when
    none was asked). pool: the rows drawn from. held, gone: int8 (S, P), 1 where shadow S was trained on row P of the
    pool, and where it unlearned it afterwards.
    """

    trained: tuple[Logits, ...]
    unlearned: tuple[Logits, ...]
    pool: tuple[Key, ...]
    held: States
    gone: States

    def of_rows(self, states_SP: States, keys: Sequence[Key]) -> npt.NDArray[np.bool_]:
        """The states of these rows, shape (S, N); a row outside the pool was held by none."""
        where = {key: column for column, key in enumerate(self.pool)}
        columns = [where.get(key, -1) for key in keys]
        with_none_SP = np.hstack([states_SP, np.zeros((len(states_SP), 1), dtype=np.int8)])
        marks_SN: npt.NDArray[np.bool_] = with_none_SP[:, columns] == HELD
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
