"""What `verify.network` is given: networks from folders, rows from manifests, the box in scaled features."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unlearning.classifiers.architecture import Architecture
from unlearning.classifiers.network import Network, load_network
from unlearning.datasets import read_rows
from unlearning.runner.job import Job
from unlearning.runner.refusals import Refused
from unlearning.verification.network_arms import NetworkModels, NetworkProbe, Strength

Key = tuple[str, int]  # input name and row index


@dataclass(frozen=True)
class Networks:
    """The models of one comparison, all of one architecture."""

    candidate: Network
    original: Network
    references: tuple[Network, ...]

    @property
    def models(self) -> NetworkModels:
        """As attacks and probes take them."""
        return NetworkModels(self.candidate, self.original, self.references)


def networks_of(job: Job) -> Networks:
    """Candidate, original and references, from one folder with seed_<k>/ or from inputs reference_<k>, or both.

    Raises: Refused with MODEL_UNREADABLE, MODEL_MISMATCH, REFERENCES_ALIKE, REFERENCE_MISSING or REFERENCE_UNASKED.
    """
    folders = reference_folders(job)
    found = Networks(
        load_network(job.input("candidate")),
        load_network(job.input("original")),
        tuple(load_network(folder) for folder in folders),
    )
    if any(model.architecture != found.candidate.architecture for model in (found.original, *found.references)):
        raise Refused(
            "MODEL_MISMATCH",
            "expected candidate, original and references of one architecture, found another.",
            "Train the references with the candidate's parameters.",
        )
    _refuse_alike(found)
    return found


def _refuse_alike(networks: Networks) -> None:
    """One training counted twice would make the control look surer than it is; the original is no control at all."""
    for one, other in combinations((networks.original, *networks.references), 2):
        ours, theirs = one.state_dict(), other.state_dict()
        if all(torch.equal(ours[name], theirs[name]) for name in ours):
            raise Refused(
                "REFERENCES_ALIKE",
                "expected the original and all references to differ, got the same weights twice.",
                "Train each reference from a seed of its own, without the deleted rows.",
            )


def reference_folders(job: Job) -> list[Path]:
    """Where the references lie, in the order of their numbers, and whether there are any as the parameters say.

    Raises: Refused with REFERENCE_MISSING or REFERENCE_UNASKED.
    """
    folders = _reference_folders(job)
    if job.params.get("references") == "fresh" and not folders:
        raise Refused(
            "REFERENCE_MISSING",
            "expected retrained references, got none: whatever they would be compared with cannot be measured.",
            "Train references, or ask with references = none under a qualified recipe.",
        )
    if job.params.get("references") == "none" and folders:
        raise Refused("REFERENCE_UNASKED", "expected no references, got some.", "Leave them out, or ask for them.")
    return folders


def _reference_folders(job: Job) -> list[Path]:
    numbered = [job.input(name) for name in sorted(job.spec.inputs, key=_natural) if name.startswith("reference_")]
    if "references" not in job.spec.inputs:
        return numbered
    together = sorted(job.input("references").glob("seed_*"), key=lambda folder: _natural(folder.name))
    return together + numbered


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


@dataclass(frozen=True)
class Listed:
    """Rows of a manifest, and for each its input's name and its index there."""

    rows: NetworkProbe
    keys: tuple[Key, ...]


def listed(job: Job, manifest: str, network: Network, *, most: int | None = None) -> Listed | None:
    """The rows that a manifest lists over all inputs; canaries are nobody and leave the people's rows.

    most: keep so many, drawn by the job's seed. None where there is no row.
    Raises: Refused with a code of the dataset or the preparation.
    """
    planted = job.spec.manifests.get("canaries", {}) if manifest == "forget" else {}
    left_out = {(name, row) for name, rows in planted.items() for row in rows}
    wanted = [(name, row) for name, rows in job.spec.manifests.get(manifest, {}).items() for row in rows]
    keys = [key for key in wanted if key not in left_out]
    if most is not None:
        kept = np.random.default_rng(job.params["seed"]).permutation(len(keys))[:most]
        keys = [keys[place] for place in sorted(kept.tolist())]
    if not keys:
        return None
    names = dict.fromkeys(name for name, _ in keys)
    parts = [read_rows(job.input(name), [row for origin, row in keys if origin == name]) for name in names]
    labels = np.concatenate([network.architecture.positions(part.labels) for part in parts])
    x = network.scaled(np.concatenate([part.features for part in parts]))
    return Listed(NetworkProbe(x, torch.from_numpy(labels)), tuple(keys))


def strength_of(params: Mapping[str, Any], architecture: Architecture) -> Strength:
    """The attack's strength; bounds are given as raw features and turned into scaled ones here.

    Raises: Refused with WIDTH_MISMATCH.
    """
    names = ("norm", "target", "steps", "restarts", "seed", "batch")
    return Strength(
        budgets=tuple(params["budgets"]),
        low=_bound(params.get("low", -math.inf), architecture),
        high=_bound(params.get("high", math.inf), architecture),
        free=_free(params["frozen"], architecture),
        **{name: params[name] for name in names},
    )


def _bound(raw: float | Sequence[float], architecture: Architecture) -> Tensor:
    values = np.atleast_1d(np.asarray(raw, dtype=np.float64))
    _check_width(len(values), architecture)
    scaled = (values - np.array(architecture.centres)) / np.array(architecture.scales)
    return torch.from_numpy(np.broadcast_to(scaled, architecture.inputs).astype(np.float32)).view(architecture.shape)


def _free(frozen: Sequence[int], architecture: Architecture) -> Tensor | None:
    if not frozen:
        return None
    if max(frozen) >= architecture.inputs:
        raise Refused("WIDTH_MISMATCH", f"expected frozen features below {architecture.inputs}.", _FIX)
    free = torch.ones(architecture.inputs, dtype=torch.bool)
    free[list(frozen)] = False
    return free.view(architecture.shape)


def _check_width(width: int, architecture: Architecture) -> None:
    if width not in (1, architecture.inputs):
        raise Refused("WIDTH_MISMATCH", f"expected 1 or {architecture.inputs} bounds, got {width}.", _FIX)


_FIX = "Give one number for all features, or one per feature."
