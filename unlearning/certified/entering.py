"""How rows come into a model: which classes, which slots, whose they are. Checked in full before anything is kept."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

from unlearning.certified.extractor import Extractor, refuse_shared_subject
from unlearning.certified.freezing import Request
from unlearning.certified.given import Given, hashables, plain_ids, positions_in
from unlearning.certified.line import Line
from unlearning.certified.requests import RequestRefused
from unlearning.certified.rows import part_of
from unlearning.certified.store import Store, require_new_records, require_within_cap

Classes = npt.NDArray[Any]


def classes_of(declared: Any, rows: Given, extractor: Extractor | None) -> tuple[Classes, tuple[str, ...]]:
    """The public list of classes, and what the certificate will not cover.

    Raises: RequestRefused with CLASSES_UNFIT.
    """
    unknown = ("EXTRACTOR_UNKNOWN",) if extractor is not None and not extractor.provenance_known else ()
    gaps = unknown if declared is not None else (*unknown, "CLASSES_FROM_DATA")
    given = np.asarray(rows.labels if declared is None else declared)
    classes = np.unique(given)  # sorted, whatever order was declared: scikit-learn's scorers read columns that way
    repeated = declared is not None and len(classes) < given.size
    if given.ndim != 1 or len(classes) < 2 or repeated:
        raise RequestRefused(
            "CLASSES_UNFIT",
            f"expected at least 2 different classes, got {classes.size} class label(s) in all.",
            "Pass classes= with every class there can be; one without rows is legal.",
        )
    return classes, gaps


def request_of(estimator: Any, *, classes: int, rows: Given) -> Request:
    """The estimator's public parameters for rows of this width.

    Raises: RequestRefused with CAPACITY_EXCEEDED or PARAMETER_UNFIT.
    """
    count, features = rows.features.shape
    whole = {name: _whole(estimator, name) for name in ("capacity", "batch", "contribution_cap", "steps")}
    n_0 = count if whole["capacity"] is None else whole["capacity"]
    if count > n_0:
        raise RequestRefused("CAPACITY_EXCEEDED", f"expected at most {n_0} rows, got more.", "Fix a larger capacity.")
    same: dict[str, Any] = {name: whole[name] for name in ("batch", "contribution_cap", "steps")}
    same |= {name: _positive(estimator, name) for name in ("epsilon", "delta", "l2", "norm_bound", "relaxations")}
    same |= {name: getattr(estimator, name) for name in ("loss", "step_size")}
    return Request(classes=classes, features=features, n_0=n_0, rows=count, **same)


def _positive(estimator: Any, name: str) -> float:
    """A number as a plain float: float32 from a parameter grid would make the step size one, too."""
    value = getattr(estimator, name)
    if isinstance(value, Real) and np.isfinite(float(value)) and float(value) > 0.0:
        return float(value)
    raise RequestRefused("PARAMETER_UNFIT", f"expected {name} > 0, got {value!r}.", f"Pass {name} above 0.")


def _whole(estimator: Any, name: str) -> int | None:
    """A count as a plain int: parameter grids make numpy's, which no ledger takes."""
    value = getattr(estimator, name)
    if value is None and name != "contribution_cap":
        return None
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise RequestRefused(
            "PARAMETER_UNFIT", f"expected {name} to be a whole number above 0, got {value!r}.", f"Pass {name} >= 1."
        )
    return int(value)


def joined(
    store: Store,
    rows: Given,
    classes: Classes,
    slots: Sequence[int],
    params: dict[str, Any],
    *,
    ids: Any,
    subjects: Any,
    extractor: Extractor | None,
) -> Store:
    """The store with these rows at these slots, in increasing order.

    Raises: RequestRefused with RECORD_REPEATED, CONTRIBUTION_CAP_EXCEEDED, SUBJECTS_MISSING, EXTRACTOR_SHARES_SUBJECT,
    LABEL_UNKNOWN or LENGTH_MISMATCH.
    """
    count = len(rows.labels)
    records = hashables(ids, rows=count, name="record_ids") or list(slots)
    people = hashables(subjects, rows=count, name="subjects")
    if len(store) and (people is None) == bool(store.subject_of):
        raise RequestRefused(
            "SUBJECTS_MISSING",
            "expected the subject of every row of this model or of none; got both kinds.",
            "Pass subjects= exactly if the first fit did.",
        )
    require_new_records(store, records)
    require_within_cap(store, people, cap=params["contribution_cap"])
    refuse_shared_subject(extractor, people)
    part = part_of(
        rows.features,
        positions_in(rows.labels, classes),
        np.asarray(slots, dtype=np.int64),
        norm_bound=params["norm_bound"],
        owned=rows.owned,
        mapped=rows.mapped,
    )
    return store.joined_by(part, records, people)


def returned(
    line: Line,
    rows: Given,
    classes: Classes,
    slots: Any,
    *,
    ids: Any,
    subjects: Any,
    extractor: Extractor | None,
) -> Store:
    """The store of a loaded model, from the rows that are still in it.

    Raises: RequestRefused with ROWS_DIFFER, SLOTS_MISSING or SLOTS_UNFIT, and the codes of `joined`.
    """
    n_0, count = line.params["n_0"], len(rows.labels)
    if count != line.ledger.rows:
        raise RequestRefused(
            "ROWS_DIFFER",
            f"expected the {line.ledger.rows} rows that are in the model by its ledger, got {count}.",
            "Give back exactly the rows that are still in it.",
        )
    if subjects is None and line.with_subjects:
        raise RequestRefused(
            "SUBJECTS_MISSING",
            "expected the subject of every row, as at the first fit, to keep each within contribution_cap; got none.",
            "Pass subjects=.",
        )
    if slots is None and line.params["batch"] is not None:
        raise RequestRefused(
            "SLOTS_MISSING", "expected the permanent slot of every row, got none.", "Pass slots= from slots_."
        )
    numbers = list(range(count)) if slots is None else [int(slot) for slot in plain_ids(slots, name="slots")]  # type: ignore[call-overload]
    if numbers != sorted(set(numbers)) or len(numbers) != count or numbers[0] < 0 or numbers[-1] >= n_0:
        raise RequestRefused(
            "SLOTS_UNFIT",
            f"expected {count} increasing slots below {n_0}, one per row, got others.",
            "Give the rows back in the order of their slots.",
        )
    used = Store(n_0, next_slot=max(line.next_slot, numbers[-1] + 1))
    return joined(used, rows, classes, numbers, line.params, ids=ids, subjects=subjects, extractor=extractor)
