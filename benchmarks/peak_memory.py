"""Peak memory of the estimator in a process of its own: `python -m benchmarks.peak_memory ROWS FEATURES WAY`.

WAY: array or map, a fit on an array or a memory-mapped file; delete or map-delete, and then one record leaves;
own-delete: the same with an array that was handed over (copy_X=False).
Prints the peak over what the process held after a small fit, so that Python and torch themselves are not counted.
"""

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import timing

CLASSES = 10


def status(field: str) -> int:
    """A line of /proc/self/status in bytes: VmRSS now, VmHWM at most so far."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    if found is None:
        raise SystemExit(f"expected {field} in /proc/self/status; this needs Linux")
    return 1024 * int(found[1])


def estimator(**more: Any) -> Any:
    from unlearning.certified import CertifiedClassifier

    return CertifiedClassifier(epsilon=1.0, delta=1e-5, classes=list(range(CLASSES)), steps=3, **more)


def filled(n: int, features: int, folder: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Random features made in place, in memory or in a file."""
    chance = np.random.default_rng(0)
    if folder is None:
        rows = np.empty((n, features))
    else:
        rows = np.lib.format.open_memmap(folder / "rows.npy", mode="w+", dtype=np.float64, shape=(n, features))
    for start in range(0, n, 1000):
        rows[start : start + 1000] = chance.standard_normal((len(rows[start : start + 1000]), features))
    return rows, chance.integers(0, CLASSES, n)


def measured(n: int, features: int, way: str, folder: Path) -> dict[str, float]:
    """Peak over the base, in bytes and in times of the features."""
    estimator().fit(*filled(500, features, None))
    base, mapped = status("VmRSS"), way.startswith("map")
    rows, labels = filled(n, features, folder if mapped else None)
    if mapped:
        del rows
    model = estimator(copy_X=not way.startswith("own")).fit(str(folder / "rows.npy") if mapped else rows, labels)
    if way.endswith("delete"):
        model.delete([0])
    size = 8 * n * features
    return {"base": base, "features": size, "times": (status("VmHWM") - base) / size}


def main() -> None:
    timing.one_thread()
    n, features, way = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(n, features, way, Path(folder))))


if __name__ == "__main__":
    main()
