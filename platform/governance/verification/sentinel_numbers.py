"""Sentinels among features: rows from public constants, one tossed label for each person."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from governance.lineage.dataset_file import Rows, write_rows
from governance.lineage.models import Dataset
from governance.lineage.uploads import Upload
from governance.verification.sentinel_drawing import Constants, drawn

# Changes in scaled features; at 0 the question is plain recognition.
BUDGETS = (0.0, 0.02, 0.05)


def rows_each(kind: str, dataset: Dataset) -> int:
    return dataset.rows_per_subject if kind == "person" else 1


def rules(dataset: Dataset, given: dict[str, Any] | None) -> dict[str, Any]:
    """Given by hand, or those of the dataset's first model.

    Raises:
        Invalid: bad_constants.
    """
    model = dataset.models.order_by("id").first()
    problem = given if given is not None else model.problem if model else {}
    public = Constants.from_problem(problem, width=dataset.feature_width)
    return {"budgets": list(BUDGETS), "constants": public.as_json()}


def people(kind: str, rules: dict[str, Any], *, count: int, rows_each: int, seed: int) -> list[dict[str, Any]]:
    constants = rules["constants"]
    public = Constants(tuple(constants["centres"]), tuple(constants["scales"]), tuple(constants["classes"]))
    draw = np.random.default_rng(seed)
    features, labels = drawn(kind, public, count=count, rows_each=rows_each, draw=draw)
    return [
        {"label": label, "rows": [{"features": [float(value) for value in row]} for row in rows]}
        for label, rows in zip(labels, features, strict=True)
    ]


def joined(upload: Upload, guests: Sequence[tuple[str, list[str], dict[str, Any]]]) -> Upload:
    rows = [
        (name, rid, found["label"], row)
        for name, rids, found in guests
        for rid, row in zip(rids, found["rows"], strict=True)
    ]
    features = np.array([row["features"] for *_, row in rows], dtype=np.float64)
    return replace(
        upload,
        record_ids=[*upload.record_ids, *(rid for _, rid, _, _ in rows)],
        subjects=[*upload.subjects, *(name for name, *_ in rows)],
        labels=[*upload.labels, *(int(label) for _, _, label, _ in rows)],
        features=np.vstack([upload.features, features]),
        # Not marked: a canary is known to all, a sentinel to its auditor only.
        planted=[*upload.planted, *[False] * len(rows)],
        guests=len(rows),
    )


def stored(members: Sequence[dict[str, Any]]) -> bytes:
    labels = [int(each["label"]) for each in members for _ in each["rows"]]
    features = np.array([row["features"] for each in members for row in each["rows"]], dtype=np.float64)
    return write_rows(Rows(list(range(len(labels))), labels, features))
