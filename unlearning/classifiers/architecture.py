"""What a network is before it has weights: family, sizes, classes and the public constants that prepare its rows.

Everything here is public and written down before data is read; nothing may be fitted on people (design, section 4).
Letters: N rows, F features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from unlearning.runner.refusals import Refused

Family = Literal["mlp", "cnn", "vit"]
FAMILIES = ("mlp", "cnn", "vit")
MOST_FEATURES, MOST_WIDTH, MOST_DEPTH = 2**20, 4096, 64
_FIX = "Use the constants of this dataset's public description."


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A family and its sizes.

    shape: (F,) for a table, (C, H, W) for pictures whose rows are stored flat in that order. classes: every label there
    can be. centres, scales: one number for all features or one per feature. width: units, channels or the size of a
    token; depth: hidden layers, convolutions or blocks. patch, heads: of the vit family only.
    """

    family: Family
    shape: tuple[int, ...]
    classes: tuple[int, ...]
    centres: tuple[float, ...] = (0.0,)
    scales: tuple[float, ...] = (1.0,)
    width: int = 64
    depth: int = 2
    patch: int = 2
    heads: int = 4

    def __post_init__(self) -> None:
        """Raises: Refused with ARCHITECTURE_INVALID or WIDTH_MISMATCH."""
        for problem in self._problems():
            raise Refused("ARCHITECTURE_INVALID", problem, "Correct the network's sizes.")
        for name, values in (("centres", self.centres), ("scales", self.scales)):
            if len(values) not in (1, self.inputs):
                raise Refused("WIDTH_MISMATCH", f"expected 1 or {self.inputs} {name}, got {len(values)}.", _FIX)

    def _problems(self) -> list[str]:
        sides = {"mlp": (1,), "cnn": (3,), "vit": (3,)}.get(self.family, ())
        wrong = []
        if len(self.shape) not in sides or min(self.shape, default=0) < 1 or not 1 <= self.inputs <= MOST_FEATURES:
            wrong.append(
                f"expected family mlp with shape (F,), cnn or vit with (C, H, W); got {self.family}, {self.shape}"
            )
        if len(self.classes) < 2 or len(set(self.classes)) != len(self.classes):
            wrong.append("expected at least two different classes")
        if not (1 <= self.width <= MOST_WIDTH and 1 <= self.depth <= MOST_DEPTH):
            wrong.append(f"expected width up to {MOST_WIDTH} and depth up to {MOST_DEPTH}")
        if self.family == "vit" and (
            self.patch < 1 or self.heads < 1 or self.width % self.heads or any(s % self.patch for s in self.shape[1:])
        ):
            wrong.append("expected patches that tile the picture and heads that divide the width")
        if not np.isfinite([*self.centres, *self.scales]).all() or min(self.scales, default=0.0) <= 0:
            wrong.append("expected finite centres and positive scales")
        return wrong

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Architecture:
        """Take the architecture out of an engine's parameters or a file's metadata; other keys are left alone.

        Raises: Refused with ARCHITECTURE_INVALID or WIDTH_MISMATCH.
        """
        known = {field.name: params[field.name] for field in fields(cls) if field.name in params}
        lists: dict[str, type] = {"shape": int, "classes": int, "centres": float, "scales": float}
        return cls(**known | {name: tuple(map(lists[name], known[name])) for name in lists if name in known})

    def as_params(self) -> dict[str, Any]:
        """The same as plain JSON values, as engines' parameters carry it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def inputs(self) -> int:
        """F: numbers in one row."""
        return int(np.prod(self.shape)) if self.shape else 0

    def scaled(self, features_NF: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """(features - centres) / scales as float32 of shape (N, *shape): the space in which a change is measured.

        Raises: Refused with WIDTH_MISMATCH or FEATURES_NOT_FINITE.
        """
        if features_NF.ndim != 2 or features_NF.shape[1] != self.inputs:
            raise Refused("WIDTH_MISMATCH", f"expected rows of {self.inputs} features, got others.", _FIX)
        with np.errstate(over="ignore", invalid="ignore"):
            exact_NF = (features_NF - np.array(self.centres)) / np.array(self.scales)
            scaled_NF: npt.NDArray[np.float32] = exact_NF.astype(np.float32)
        if not np.isfinite(scaled_NF).all():
            raise Refused("FEATURES_NOT_FINITE", "expected features that scale to finite ones.", "Repair the dataset.")
        return scaled_NF.reshape(-1, *self.shape)

    def positions(self, labels_N: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Labels as positions in `classes`; a class without rows is legal, a label without class is not.

        Raises: Refused with LABEL_UNKNOWN.
        """
        where = {label: position for position, label in enumerate(self.classes)}
        labels = np.asarray(labels_N).tolist()
        if not set(labels) <= set(where):
            # How many, and which, would be a fact about people that the refusal makes public.
            raise Refused("LABEL_UNKNOWN", "some row carries a label outside the public classes.", "Declare them all.")
        return np.array([where[label] for label in labels], dtype=np.int64)
