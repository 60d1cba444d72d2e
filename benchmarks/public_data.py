"""Public data sets as rows for a linear model: public centres and scales, nothing fitted on the rows.

Bundled with scikit-learn, or files under the folder that OBELUS_DATA names (idx format, as MNIST is published).
Letters: N rows, F features.
"""

import gzip
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from unlearning.catalog import preset

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
HELD_OUT = 0.2
# Round figures near the published mean and deviation of such pictures, pixels from 0 to 1; the same for all of them.
PIXEL_CENTRE, PIXEL_SCALE = 0.25, 0.3
MNIST = ("mnist-10k/t10k-images-idx3-ubyte.gz", "mnist-10k/t10k-labels-idx1-ubyte.gz")
FASHION = ("fashion-mnist/first3600-images-idx3-ubyte.gz", "fashion-mnist/first3600-labels-idx1-ubyte.gz")


@dataclass(frozen=True)
class Dataset:
    """Scaled rows_NF, not yet shrunk to length 1, and labels 0 to classes - 1."""

    rows: Floats
    labels: Labels
    classes: int


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows held out."""

    rows: Floats
    labels: Labels
    unseen_rows: Floats
    unseen_labels: Labels
    classes: int


class DataNotHereError(Exception):
    """A data set that this machine does not have."""


def breast_cancer() -> Dataset:
    """569 patients, 30 features, scaled by the preset's public constants."""
    from sklearn.datasets import load_breast_cancer

    data, public = load_breast_cancer(), preset("breast-cancer")
    rows = (data.data - np.array(public["centres"])) / np.array(public["scales"])
    return Dataset(rows, data.target.astype(np.int64), 2)


def digits() -> Dataset:
    """1,797 pictures of 8 x 8 pixels."""
    from sklearn.datasets import load_digits

    data = load_digits()
    return Dataset(scaled_pixels(data.data / 16.0), data.target.astype(np.int64), 10)


def pictures(files: tuple[str, str], *, pooled: int = 1) -> Dataset:
    """Pictures and labels of two idx files, scaled; `pooled` averages squares of that many pixels a side.

    Raises: DataNotHereError.
    """
    pixels, labels = raw_pictures(files, pooled=pooled)
    return Dataset(scaled_pixels(pixels), labels, 10)


def raw_pictures(files: tuple[str, str], *, pooled: int = 1) -> tuple[Floats, Labels]:
    """Pixels from 0 to 1, shape (N, F), and labels (N,).

    Raises: DataNotHereError.
    """
    folder = os.environ.get("OBELUS_DATA", "")
    paths = [Path(folder) / name for name in files]
    if not folder or not all(path.is_file() for path in paths):
        raise DataNotHereError(f"expected {' and '.join(files)} under the folder that OBELUS_DATA names")
    images, labels = (read_idx(path) for path in paths)
    n, height, width = images.shape
    squares = images.reshape(n, height // pooled, pooled, width // pooled, pooled).mean(axis=(2, 4)) / 255.0
    return squares.reshape(n, -1), labels.astype(np.int64)


def scaled_pixels(pixels_NF: Floats) -> Floats:
    """Pixels from 0 to 1, centred and scaled by round public figures."""
    return (pixels_NF - PIXEL_CENTRE) / PIXEL_SCALE


def read_idx(path: Path) -> npt.NDArray[np.uint8]:
    """A gzip-packed idx file of bytes: two zero bytes, type 8, the number of dimensions, their sizes, the values.

    Raises: ValueError when the file is of another kind or size.
    """
    packed = gzip.decompress(path.read_bytes())
    if len(packed) < 4 or packed[:3] != b"\0\0\x08":
        raise ValueError(f"expected an idx file of unsigned bytes, got {path.name}; give the published file")
    start = 4 + 4 * packed[3]
    shape = tuple(int.from_bytes(packed[at : at + 4], "big") for at in range(4, start, 4))
    if len(packed) != start + int(np.prod(shape)):
        raise ValueError(f"expected {shape} bytes in {path.name}, got {len(packed) - start}; fetch the file anew")
    return np.frombuffer(packed, np.uint8, offset=start).reshape(shape)


def split(data: Dataset, *, seed: int) -> Split:
    """A fifth held out, shuffled with the seed."""
    order = np.random.default_rng(seed).permutation(len(data.labels))
    out, kept = np.split(order, [int(HELD_OUT * len(order))])
    return Split(data.rows[kept], data.labels[kept], data.rows[out], data.labels[out], data.classes)


TESTED: dict[str, Callable[[], Dataset]] = {
    "breast cancer": breast_cancer,
    "digits": digits,
    "mnist-10k": lambda: pictures(MNIST),
}
