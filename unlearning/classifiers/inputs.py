"""What the classifier engines read: rows that a manifest lists, prepared by the network's public constants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unlearning.classifiers.architecture import Architecture
from unlearning.datasets import read_rows
from unlearning.runner.jobfolder import Spec
from unlearning.runner.refusals import Refused


@dataclass(frozen=True)
class Prepared:
    """Rows that a network takes: x float32 of shape (N, *shape), y int64 positions of shape (N,)."""

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.y)


def prepared(spec: Spec, manifest: str, architecture: Architecture) -> Prepared:
    """The rows of input `features` that a manifest lists; no other row is looked at.

    Raises: Refused with INPUT_MISSING, MANIFEST_MISSING, LABEL_UNKNOWN or a code of the dataset or the preparation.
    """
    for kind, name, there in (
        ("INPUT_MISSING", "input 'features'", "features" in spec.inputs),
        ("MANIFEST_MISSING", f"manifest {manifest!r} for it", "features" in spec.manifests.get(manifest, {})),
    ):
        if not there:
            raise Refused(kind, f"{spec.engine} needs {name}.", "Add it to the spec.")
    rows = read_rows(spec.inputs["features"], spec.manifests[manifest]["features"])
    return Prepared(architecture.scaled(rows.features), architecture.positions(rows.labels))
