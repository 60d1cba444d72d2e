"""Rows of several objects in the order of the pool, prepared for a network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unlearning.classifiers.architecture import Architecture
from unlearning.classifiers.inputs import Prepared
from unlearning.datasets import read_rows
from unlearning.runner.jobfolder import Spec
from unlearning.runner.refusals import Refused
from unlearning.verification.members.data import Key


def rows_at(spec: Spec, keys: Sequence[Key], architecture: Architecture) -> Prepared:
    """These rows, in this order; no other row is looked at.

    Raises: Refused with INPUT_MISSING, LABEL_UNKNOWN or a code of the dataset or the preparation.
    """
    x = np.empty((len(keys), *architecture.shape), dtype=np.float32)
    y = np.empty(len(keys), dtype=np.int64)
    for name in sorted({name for name, _ in keys}):
        if name not in spec.inputs:
            raise Refused("INPUT_MISSING", f"{spec.engine} needs an input {name!r}.", "Add it to the spec.")
        places = [place for place, (origin, _) in enumerate(keys) if origin == name]
        found = read_rows(spec.inputs[name], [keys[place][1] for place in places])
        x[places], y[places] = architecture.scaled(found.features), architecture.positions(found.labels)
    return Prepared(x, y)
