"""The dataset object: one Parquet file with columns slot, label and features.

Letters: N rows, F features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from unlearning.runner.refusals import Refused

_CHUNK = 1024  # rows
_EXPECTED = "slot: int64, label: int64, features: fixed_size_list<double>"


@dataclass(frozen=True)
class Rows:
    """Some rows of a dataset object. slots and labels int64, features float64 of shape N, F."""

    slots: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    features: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.slots)


def read_rows(path: Path, rows: Sequence[int]) -> Rows:
    """Read the rows with these indexes, in this order; the values of other rows are never looked at.

    The file is mapped and read in chunks: memory is the features asked for, not the whole object beside them.
    Raises: Refused with DATASET_UNREADABLE, ROW_OUT_OF_RANGE, FEATURES_MISSING or FEATURES_NOT_FINITE.
    """
    file = _open(path)
    _check_indexes(rows, total=file.metadata.num_rows)
    picked = file.read(columns=["slot", "label"]).take(pa.array(rows, pa.int64())).combine_chunks()
    found = Rows(_column(picked, "slot").to_numpy(), _column(picked, "label").to_numpy(), _features(file, rows))
    if not all(np.isfinite(found.features[at : at + _CHUNK]).all() for at in range(0, len(rows), _CHUNK)):
        raise Refused("FEATURES_NOT_FINITE", "expected finite features, found NaN or infinity.", "Repair the dataset.")
    return found


def count_rows(path: Path) -> int:
    """How many rows the object holds.

    Raises: Refused with DATASET_UNREADABLE.
    """
    return int(_open(path).metadata.num_rows)


def write_rows(path: Path, rows: Rows) -> None:
    """Write a dataset object: uncompressed, no dictionary, no statistics (a column's minimum is a person's value)."""
    width = rows.features.shape[1]
    values = pa.array(np.ascontiguousarray(rows.features, dtype=np.float64).reshape(-1))
    table = pa.table(
        {
            "slot": pa.array(rows.slots, pa.int64()),
            "label": pa.array(rows.labels, pa.int64()),
            "features": pa.FixedSizeListArray.from_arrays(values, width),
        }
    )
    pq.write_table(table, path, compression="none", use_dictionary=False, write_statistics=False)


def _open(path: Path) -> Any:
    try:
        file = pq.ParquetFile(path, memory_map=True, pre_buffer=False)
        slots = file.read(columns=["slot"])
    except (OSError, ValueError, KeyError) as error:
        # The library's own text is left out: it may quote a value of the file.
        raise Refused("DATASET_UNREADABLE", f"expected Parquet with {_EXPECTED}.", "Write the object anew.") from error
    schema = file.schema_arrow
    good = (
        schema.names == ["slot", "label", "features"]
        and schema.field("slot").type == pa.int64()
        and schema.field("label").type == pa.int64()
        and pa.types.is_fixed_size_list(schema.field("features").type)
        and schema.field("features").type.value_type == pa.float64()
    )
    if not good:
        raise Refused("DATASET_UNREADABLE", f"expected Parquet with {_EXPECTED}, got others.", "Write it anew.")
    if len(np.unique(slots.column("slot").to_numpy())) != file.metadata.num_rows:
        raise Refused("SLOT_REPEATED", "expected each slot number once, found one twice.", "Give each row its own.")
    return file


def _check_indexes(rows: Sequence[int], *, total: int) -> None:
    if not rows:
        raise Refused("NO_ROWS", "expected at least one row index, got none.", "Name the rows in the manifest.")
    if min(rows) < 0 or max(rows) >= total:
        raise Refused(
            "ROW_OUT_OF_RANGE", f"expected row indexes below {total}, got some beyond.", "Make the manifest anew."
        )


def _column(table: Any, name: str) -> Any:
    column = table.column(name)
    if column.null_count:
        raise Refused("FEATURES_MISSING", f"expected a {name} in every row, found gaps.", "Repair the dataset.")
    return column


def _features(file: Any, rows: Sequence[int]) -> npt.NDArray[np.float64]:
    """Chunk by chunk into one array of shape N, F, each row where it was asked for."""
    wanted = np.asarray(rows, dtype=np.int64)
    order = np.argsort(wanted, kind="stable")
    ascending = wanted[order]
    width, first = file.schema_arrow.field("features").type.list_size, 0
    features_NF = np.empty((len(rows), width))
    for chunk in file.iter_batches(batch_size=_CHUNK, columns=["features"]):
        low, high = np.searchsorted(ascending, [first, first + chunk.num_rows])
        if high > low:
            here = pa.array(ascending[low:high] - first)
            features_NF[order[low:high]] = _values(chunk.column(0).take(here)).reshape(high - low, width)
        first += chunk.num_rows
    return features_NF


def _values(column: Any) -> npt.NDArray[np.float64]:
    values = column.flatten()  # a row that is missing altogether is not among them
    if column.null_count or values.null_count:
        raise Refused("FEATURES_MISSING", "expected every feature of a row, found gaps.", "Repair the dataset.")
    return np.asarray(values.to_numpy(zero_copy_only=False))
