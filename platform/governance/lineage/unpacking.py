"""How much a Parquet file unpacks to, counted before it is unpacked.

What a file says of its own size is that of its encoded pages: a text that a million rows share stands there once, so a
file of some kilobytes could fill the memory of a web process.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

WIDEST = 8  # bytes of a number
TEXT = "BYTE_ARRAY"


def unpacked_bytes(file: Any, parquet: bytes, *, most: int) -> int:
    """Bytes of all values of an opened file, or a number above `most` as soon as it is clear that there are more."""
    leaves: list[Any] = [
        group.column(number)
        for group in map(file.metadata.row_group, range(file.metadata.num_row_groups))
        for number in range(group.num_columns)
    ]
    encoded = sum(int(leaf.total_uncompressed_size) for leaf in leaves)
    numbers = WIDEST * sum(int(leaf.num_values) for leaf in leaves)
    if max(encoded, numbers) > most:
        return max(encoded, numbers)
    names = sorted({leaf.path_in_schema for leaf in leaves if leaf.physical_type == TEXT})
    if not names:
        return numbers
    # Each text once, and where it stands: no more than was just counted.
    shared = pq.ParquetFile(pa.BufferReader(parquet), read_dictionary=names).read(columns=names)
    return numbers + sum(texts_of(chunk) for column in shared.columns for chunk in column.chunks)


def texts_of(chunk: Any) -> int:
    """Bytes of the texts of a column's piece, lists of texts among them, each as often as it stands there."""
    while not pa.types.is_dictionary(chunk.type):
        chunk = chunk.flatten()
    lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
    return int(pc.sum(lengths.take(chunk.indices)).as_py() or 0)
