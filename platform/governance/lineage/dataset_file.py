"""The stored dataset object: one Parquet file, columns slot, label and features, laid out so that it can be searched.

Uncompressed, no dictionary, no statistics, one row group, one page: a search for a row's bytes finds them, and no
column minimum keeps a person's value. A random salt in the file's metadata keeps the digest, which job specs name, from
answering guesses: who knows all rows but one could otherwise test the last one for ever.
"""

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

SALT = b"obelus.salt"
LAYOUT: dict[str, Any] = {"compression": "none", "use_dictionary": False, "write_statistics": False}
ROW = b"obelus/row/1\0"


@dataclass(frozen=True)
class Rows:
    """N rows: slots and labels int64, features float64, N x F, all in the same order."""

    slots: list[int]
    labels: list[int]
    features: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.slots)

    def pick(self, places: list[int]) -> "Rows":
        """The rows at these places, in this order."""
        slots, labels = [self.slots[place] for place in places], [self.labels[place] for place in places]
        return Rows(slots, labels, self.features[places])

    def digests(self) -> list[bytes]:
        """SHA-256 (32 bytes) of each row's content: label (int64) and features (float64), little endian."""
        values_NF = self.features.astype("<f8")
        labels = [label.to_bytes(8, "little", signed=True) for label in self.labels]
        return [hashlib.sha256(ROW + label + values_NF[place].tobytes()).digest() for place, label in enumerate(labels)]

    def to_bytes(self) -> bytes:
        return write_rows(self)


def write_rows(rows: Rows) -> bytes:
    """The object's bytes; the salt makes them new each time."""
    width = rows.features.shape[1]
    values = pa.array(np.ascontiguousarray(rows.features, dtype=np.float64).reshape(-1))
    columns = {
        "slot": pa.array(rows.slots, pa.int64()),
        "label": pa.array(rows.labels, pa.int64()),
        "features": pa.FixedSizeListArray.from_arrays(values, width),
    }
    return salted_file(columns, rows=len(rows))


def salted_file(columns: dict[str, Any], *, rows: int) -> bytes:
    """Parquet of these columns in the one layout of ours."""
    table = pa.table(columns).replace_schema_metadata({SALT: os.urandom(32).hex().encode()})
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=max(rows, 1), data_page_size=2**30, **LAYOUT)
    return sink.getvalue()


def read_rows(path: Path) -> Rows:
    """Every row of an object of ours."""
    table = pq.read_table(path, columns=["slot", "label", "features"]).combine_chunks()
    width = table.schema.field("features").type.list_size
    chunks = [chunk.flatten().to_numpy() for chunk in table.column("features").chunks]
    values = np.concatenate(chunks) if chunks else np.empty(0)
    return Rows(
        table.column("slot").to_pylist(), table.column("label").to_pylist(), values.reshape(table.num_rows, width)
    )
