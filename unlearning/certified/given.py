"""What the user hands over, checked and never copied where it can be helped."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from unlearning.certified.requests import RequestRefused


@dataclass(frozen=True)
class Given:
    """Rows as they came in. owned: we made the array, or it was handed over to overwrite. mapped: it is a file."""

    features: npt.NDArray[Any]
    labels: npt.NDArray[Any]
    owned: bool
    mapped: bool


def opened(features: Any) -> Any:
    """A path to an .npy file becomes a read-only memory map; anything else stays what it is.

    Raises: RequestRefused with FEATURES_UNREADABLE.
    """
    if not isinstance(features, str | Path):
        return features
    try:
        return np.load(features, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise RequestRefused(
            "FEATURES_UNREADABLE", "expected an .npy file of numbers.", "Write it with numpy.save."
        ) from error


def given(estimator: Any, features: Any, labels: Any, *, reset: bool, least: int = 1) -> Given:
    """Features and labels after scikit-learn's own checks: finite, two-dimensional, the width of the first fit.

    With copy_X=False an array that can be written to is ours; a file never is.
    Raises: ValueError or TypeError in scikit-learn's words; RequestRefused with FEATURES_UNREADABLE.
    """
    source = opened(features)
    checked, labels = validate_data(
        estimator, source, labels, reset=reset, dtype="numeric", ensure_min_samples=least, accept_large_sparse=False
    )
    check_classification_targets(labels)
    mapped = _is_mapped(source) and np.may_share_memory(checked, source)
    made_here = isinstance(source, list | tuple) or (
        isinstance(source, np.ndarray) and not np.may_share_memory(checked, source)
    )
    owned = (made_here or not estimator.copy_X) and not mapped and checked.flags.writeable
    return Given(checked, np.asarray(labels), owned=owned, mapped=mapped)


def columns_of(estimator: Any) -> dict[str, Any]:
    """What scikit-learn noted of the columns of a first fit: their number, and their names where they have any."""
    return {name: vars(estimator)[name] for name in ("n_features_in_", "feature_names_in_") if name in vars(estimator)}


def _is_mapped(source: Any) -> bool:
    while isinstance(source, np.ndarray):
        if isinstance(source, np.memmap):
            return True
        source = source.base
    return False


def positions_in(labels: npt.NDArray[Any], classes: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Labels as positions in the public list of classes.

    Raises: RequestRefused with LABEL_UNKNOWN.
    """
    where = {label: position for position, label in enumerate(classes.tolist())}
    try:
        return np.array([where[label] for label in labels.tolist()], dtype=np.int64)
    except KeyError:
        # Which label, and how many rows carry it, is a fact about people.
        raise RequestRefused(
            "LABEL_UNKNOWN", "some row carries a label outside the public classes.", "Declare every class in classes=."
        ) from None


def hashables(values: Any, *, rows: int, name: str) -> list[Hashable] | None:
    """Record ids or subjects, one per row, as plain Python values.

    Raises: RequestRefused with LENGTH_MISMATCH or NOT_AN_ID.
    """
    if values is None:
        return None
    plain = plain_ids(values, name=name)
    if len(plain) != rows:
        raise RequestRefused(
            "LENGTH_MISMATCH", f"expected {rows} {name}, one per row, got {len(plain)}.", f"Give each row its {name}."
        )
    return plain


def plain_ids(values: Any, *, name: str) -> list[Hashable]:
    """A list of ids from a list, an array or a column. Raises: RequestRefused with NOT_AN_ID."""
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        values = [values]
    plain: Sequence[Any] = values.tolist() if hasattr(values, "tolist") else list(values)
    try:
        told_apart = all(value == value for value in set(plain))  # a gap in a table is a NaN, which equals nothing
    except TypeError:
        told_apart = False
    if not told_apart:
        raise RequestRefused(
            "NOT_AN_ID",
            f"expected {name} that can be told apart, such as numbers or text, and no gaps.",
            "Pass a flat list without missing values.",
        )
    return list(plain)
