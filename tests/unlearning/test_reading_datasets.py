"""Rows out of a dataset object: those asked for, in the order asked, without the whole object in memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from unlearning.datasets import Rows, read_rows, write_rows
from unlearning.runner.refusals import Refused

MEASURE = """
import sys, tracemalloc
from pathlib import Path
import pyarrow as pa
from unlearning.datasets import read_rows
read_rows(Path(sys.argv[1]), [0])  # whatever is loaded at first use
tracemalloc.start()
found = read_rows(Path(sys.argv[1]), range(0, 20_000, 2))
print(found.features.nbytes, tracemalloc.get_traced_memory()[1] + pa.default_memory_pool().max_memory())
"""


@pytest.fixture
def rows() -> Rows:
    draw = np.random.default_rng(0)
    return Rows(np.arange(20_000)[::-1].copy(), draw.integers(0, 3, 20_000), draw.normal(size=(20_000, 40)))


def test_rows_come_in_the_order_asked_for_across_chunks(tmp_path: Path, rows: Rows):
    write_rows(tmp_path / "rows", rows)
    wanted = np.random.default_rng(1).permutation(20_000)[:9000].tolist()
    found = read_rows(tmp_path / "rows", wanted)
    assert np.array_equal(found.features, rows.features[wanted])
    assert np.array_equal(found.labels, rows.labels[wanted])
    assert np.array_equal(found.slots, rows.slots[wanted])


@pytest.mark.parametrize("gap", [None, [1.0, None]])
def test_a_gap_is_refused_in_a_row_asked_for_and_unseen_in_another(tmp_path: Path, gap: list[float | None] | None):
    features = pa.array([[1.0, 2.0], gap, [3.0, 4.0]], pa.list_(pa.float64(), 2))
    numbers = pa.array([0, 1, 2], pa.int64())
    pq.write_table(pa.table({"slot": numbers, "label": numbers, "features": features}), tmp_path / "rows")
    assert read_rows(tmp_path / "rows", [2, 0]).features.tolist() == [[3.0, 4.0], [1.0, 2.0]]
    with pytest.raises(Refused, match="FEATURES_MISSING"):
        read_rows(tmp_path / "rows", [0, 1])


def test_half_of_an_object_is_read_without_the_other_half_in_memory(tmp_path: Path, rows: Rows):
    write_rows(tmp_path / "rows", rows)
    said = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "rows")], capture_output=True, text=True, check=True, timeout=60
    )
    features, peak = map(int, said.stdout.split())
    assert features == 10_000 * 40 * 8
    assert peak < 1.6 * features, "the whole object beside the rows would be three times"
