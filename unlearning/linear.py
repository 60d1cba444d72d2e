"""The linear model that all engines share: its public preparation of rows, its scores, its file.

Letters: N rows, F features, G = F + 1 (with the intercept's constant), K rows of theta (1 when binary), C classes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from unlearning.runner.refusals import Refused

Floats = npt.NDArray[np.float64]
FORMAT = "obelus/linear/1"
FILE = "model.safetensors"
_ANOTHER_MODEL = "Give a folder that a linear engine wrote."


@dataclass(frozen=True)
class Preparation:
    """Public constants that turn raw features into rows; nothing in it may be fitted on people (guarantees H5, H7)."""

    classes: tuple[int, ...]
    centres: tuple[float, ...]
    scales: tuple[float, ...]
    norm_bound: float

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Preparation:
        """Take the constants out of an engine's parameters.

        Raises: Refused with WIDTH_MISMATCH.
        """
        centres, scales = tuple(map(float, params["centres"])), tuple(map(float, params["scales"]))
        if len(centres) != len(scales):
            raise Refused(
                "WIDTH_MISMATCH", f"expected as many centres as scales, got {len(centres)} and {len(scales)}.", _FIX
            )
        return cls(tuple(params["classes"]), centres, scales, float(params["norm_bound"]))

    @property
    def outputs(self) -> int:
        """K: one margin for two classes, else one row per class."""
        return 1 if len(self.classes) == 2 else len(self.classes)

    def scaled(self, features_NF: Floats) -> Floats:
        """(features - centres) / scales: the space in which an attacker's change is measured.

        Raises: Refused with WIDTH_MISMATCH or FEATURES_NOT_FINITE.
        """
        if features_NF.shape[1] != len(self.scales):
            raise Refused("WIDTH_MISMATCH", f"expected {len(self.scales)} features, got {features_NF.shape[1]}.", _FIX)
        with np.errstate(over="ignore"):
            scaled_NF: Floats = (features_NF - np.array(self.centres)) / np.array(self.scales)
        if not np.isfinite(scaled_NF).all():
            raise Refused("FEATURES_NOT_FINITE", "expected features that scale to finite ones.", "Repair the dataset.")
        return scaled_NF

    def augmented(self, features_NF: Floats) -> Floats:
        """Scaled rows with the intercept's 1 at the end, each shrunk by itself to length <= norm_bound."""
        scaled_NF = self.scaled(features_NF)
        rows_NG = np.hstack([scaled_NF, np.ones((len(scaled_NF), 1))])
        shrunk_NG: Floats = rows_NG * shrink_factors(scaled_NF, norm_bound=self.norm_bound)[:, None]
        return shrunk_NG

    def positions(self, labels_N: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Labels as positions in `classes`; a class without rows is legal, a label without class is not.

        Raises: Refused with LABEL_UNKNOWN.
        """
        where = {label: position for position, label in enumerate(self.classes)}
        if not set(labels_N.tolist()) <= set(where):
            # How many, and which, would be a fact about people that the refusal makes public.
            raise Refused("LABEL_UNKNOWN", "some row carries a label outside the public classes.", "Declare them all.")
        return np.array([where[label] for label in labels_N.tolist()], dtype=np.int64)


_FIX = "Use the constants of this dataset's public description."


def shrink_factors(scaled_NF: Floats, *, norm_bound: float) -> Floats:
    """Per row, what brings [row, 1] to length <= norm_bound; 1 for a row that is short enough. Shape N.

    A row too long to be squared gets 0: a row of zeros is short enough.
    """
    with np.errstate(over="ignore"):
        lengths_N = np.sqrt(np.einsum("nf,nf->n", scaled_NF, scaled_NF) + 1.0)
    # The last factor keeps rounding, in any order of summation, from leaving a row longer than the certificate assumes.
    margin = 1.0 - (scaled_NF.shape[1] + 8) * 2.0**-53
    factors_N: Floats = np.minimum(1.0, norm_bound * margin / lengths_N)
    return factors_N


@dataclass(frozen=True)
class LinearModel:
    """theta: float64 of shape K, G (exactly float32 values once published) and the preparation it was trained under."""

    theta: Floats
    preparation: Preparation

    def scores(self, features_NF: Floats) -> Floats:
        """Scores_NC, of which the largest names the class.

        Rows are scaled but not shrunk: shrinking multiplies all scores of a row by one positive number.
        """
        scaled_NF = self.preparation.scaled(features_NF)
        return self._per_class(scaled_NF @ self.theta[:, :-1].T + self.theta[:, -1])

    def training_scores(self, features_NF: Floats) -> Floats:
        """Scores_NC of the shrunk rows: what the loss saw in training."""
        return self._per_class(self.preparation.augmented(features_NF) @ self.theta.T)

    def predict(self, features_NF: Floats) -> npt.NDArray[np.int64]:
        """Positions in `classes`, one per row."""
        winners_N: npt.NDArray[np.int64] = np.argmax(self.scores(features_NF), axis=1)
        return winners_N.astype(np.int64)

    def class_weights(self) -> Floats:
        """Weights_CF per class, without intercept; a binary model's first class has none."""
        weights_KF = self.theta[:, :-1]
        return np.vstack([np.zeros_like(weights_KF), weights_KF]) if self.preparation.outputs == 1 else weights_KF

    def _per_class(self, logits_NK: Floats) -> Floats:
        return np.hstack([np.zeros_like(logits_NK), logits_NK]) if self.preparation.outputs == 1 else logits_NK


def save_model(folder: Path, model: LinearModel) -> None:
    """Write the model rounded to float32; the float64 state ends here and is never stored."""
    folder.mkdir()
    theta_KG = model.theta.astype(np.float32)
    tensors = {"weight": np.ascontiguousarray(theta_KG[:, :-1]), "bias": np.ascontiguousarray(theta_KG[:, -1])}
    made_with = model.preparation
    # One metadata key only: the library writes several in no fixed order, and equal models must have equal bytes.
    public = {
        "format": FORMAT,
        "classes": made_with.classes,
        "centres": made_with.centres,
        "scales": made_with.scales,
        "norm_bound": made_with.norm_bound,
    }
    save_file(tensors, folder / FILE, metadata={"obelus": json.dumps(public, sort_keys=True)})


def load_model(folder: Path) -> LinearModel:
    """Read a model folder back, as float64.

    Raises: Refused with MODEL_UNREADABLE.
    """
    try:
        with safe_open(folder / FILE, "numpy") as file:
            public = json.loads((file.metadata() or {})["obelus"])
            weight_KF, bias_K = file.get_tensor("weight"), file.get_tensor("bias")
        preparation = Preparation.from_params(public)
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise Refused("MODEL_UNREADABLE", f"expected {FILE} of format {FORMAT}.", _ANOTHER_MODEL) from error
    shape = (preparation.outputs, len(preparation.scales))
    sound = weight_KF.dtype == bias_K.dtype == np.float32 and weight_KF.shape == shape and bias_K.shape == shape[:1]
    if public.get("format") != FORMAT or not sound:
        raise Refused("MODEL_UNREADABLE", f"expected float32 weights of shape {shape}, got others.", _ANOTHER_MODEL)
    theta_KG = np.hstack([weight_KF, bias_K[:, None]]).astype(np.float64)
    if not np.isfinite(theta_KG).all():
        raise Refused("MODEL_UNREADABLE", "expected finite weights, found NaN or infinity.", _ANOTHER_MODEL)
    return LinearModel(theta_KG, preparation)
