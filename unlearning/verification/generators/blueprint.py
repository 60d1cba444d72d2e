"""What a small generator is before it has weights. Everything here is public and fixed before data is read.

Letters: N rows, F features of a picture laid out flat, row by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from unlearning.runner.refusals import Refused

Family = Literal["decoder", "inpainter"]
MOST_FEATURES, MOST_WIDTH = 2**16, 4096
_FIX = "Use the sizes and bounds of this dataset's public description."


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """A family and its sizes.

    family: "decoder" makes a picture from a latent and a label; "inpainter" completes one whose last rows are hidden.
    shape: (H, W). low, high: the public bounds of a feature; pictures are measured in units of their difference.
    latent, embedding: of the decoder only; hidden_rows: of the inpainter only.
    """

    family: Family
    shape: tuple[int, int]
    classes: tuple[int, ...]
    low: float = 0.0
    high: float = 1.0
    width: int = 128
    latent: int = 24
    embedding: int = 6
    hidden_rows: int = 1

    def __post_init__(self) -> None:
        """Raises: Refused with GENERATOR_INVALID."""
        for problem in self._problems():
            raise Refused("GENERATOR_INVALID", problem, "Correct the generator's sizes.")

    def _problems(self) -> list[str]:
        wrong = []
        if self.family not in ("decoder", "inpainter"):
            wrong.append(f"expected family decoder or inpainter, got {self.family!r}")
        if len(self.shape) != 2 or min(self.shape) < 1 or self.shape[0] * self.shape[1] > MOST_FEATURES:
            wrong.append(f"expected shape (H, W) of at most {MOST_FEATURES} numbers, got {self.shape}")
        elif not 1 <= self.hidden_rows <= self.shape[0]:
            wrong.append(f"expected 1 to {self.shape[0]} hidden rows, got {self.hidden_rows}")
        if len(self.classes) < 2 or len(set(self.classes)) != len(self.classes):
            wrong.append("expected at least two different classes")
        if not all(1 <= size <= MOST_WIDTH for size in (self.width, self.latent, self.embedding)):
            wrong.append(f"expected sizes from 1 to {MOST_WIDTH}")
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            wrong.append("expected finite bounds, low below high")
        return wrong

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Blueprint:
        """Take the blueprint out of an engine's parameters or a file's metadata; other keys are left alone.

        Raises: Refused with GENERATOR_INVALID.
        """
        known = {field.name: params[field.name] for field in fields(cls) if field.name in params}
        return cls(**known | {name: tuple(map(int, known[name])) for name in ("shape", "classes") if name in known})

    def as_params(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def inputs(self) -> int:
        """F: numbers in one picture."""
        return self.shape[0] * self.shape[1]

    @property
    def hidden(self) -> Tensor:
        """Which features the inpainter never sees, bool tensor of shape (F,)."""
        return torch.arange(self.inputs) >= (self.shape[0] - self.hidden_rows) * self.shape[1]

    def scaled(self, features_NF: npt.NDArray[np.float64]) -> Tensor:
        """Pictures as float32 in [0, 1], shape (N, F); what lies outside the public bounds is cut off.

        Raises: Refused with WIDTH_MISMATCH or FEATURES_NOT_FINITE.
        """
        if features_NF.ndim != 2 or features_NF.shape[1] != self.inputs:
            raise Refused("WIDTH_MISMATCH", f"expected rows of {self.inputs} features, got others.", _FIX)
        if not np.isfinite(features_NF).all():
            raise Refused("FEATURES_NOT_FINITE", "expected finite features, found others.", "Repair the dataset.")
        scaled_NF = np.clip((features_NF - self.low) / (self.high - self.low), 0.0, 1.0)
        return torch.from_numpy(scaled_NF.astype(np.float32))

    def positions(self, labels_N: npt.NDArray[np.int64]) -> Tensor:
        """Labels as positions in `classes`, int64 tensor (N,).

        Raises: Refused with LABEL_UNKNOWN.
        """
        where = {label: position for position, label in enumerate(self.classes)}
        labels = np.asarray(labels_N).tolist()
        if not set(labels) <= set(where):
            raise Refused("LABEL_UNKNOWN", "some row carries a label outside the public classes.", "Declare them all.")
        return torch.tensor([where[label] for label in labels], dtype=torch.int64)
