"""What `verify.generator` is given: generators of one blueprint, and pictures by manifest.

Letters: F features, N rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from unlearning.datasets import read_rows
from unlearning.runner.job import Job
from unlearning.runner.refusals import Refused
from unlearning.verification.generators.models import Blueprint, Generator, load_generator


@dataclass(frozen=True)
class Generators:
    """The candidate, the generator before the deletion, and generators that never held the deleted rows."""

    candidate: Generator
    original: Generator
    references: tuple[Generator, ...]

    def arms(self) -> list[tuple[str, Generator]]:
        """A, B:k and P with their generators."""
        controls = [(f"B:{k}", one) for k, one in enumerate(self.references)]
        return [("A", self.candidate), *controls, ("P", self.original)]

    @property
    def blueprint(self) -> Blueprint:
        """The one they share."""
        return self.candidate.blueprint


@dataclass(frozen=True)
class Labelled:
    """Pictures in [0, 1], float32 (N, F), and positions of their labels, int64 (N,)."""

    pictures: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, label: int) -> Tensor:
        """The pictures with the label at this position."""
        return self.pictures[self.labels == label]

    def halves(self) -> tuple[Labelled, Labelled]:
        """Every other one, and the rest."""
        first = torch.arange(len(self)) % 2 == 0
        return Labelled(self.pictures[first], self.labels[first]), Labelled(self.pictures[~first], self.labels[~first])


def generators_of(job: Job) -> Generators:
    """Read them all; references from `references`/seed_<k> or from reference_0, reference_1, ...

    Raises: Refused with INPUT_MISSING, MODEL_UNREADABLE, MODEL_MISMATCH or REFERENCE_MISSING.
    """
    found = Generators(
        load_generator(job.input("candidate")), load_generator(job.input("original")), tuple(_references(job))
    )
    if not found.references:
        raise Refused(
            "REFERENCE_MISSING",
            "expected generators retrained without the deleted rows, got none.",
            "Train references: a search finds pictures in models that never held them, too.",
        )
    if any(other.blueprint != found.blueprint for other in (found.original, *found.references)):
        raise Refused(
            "MODEL_MISMATCH",
            "expected candidate, original and references of one blueprint, found another.",
            "Train the references with the candidate's sizes and public bounds.",
        )
    return found


def pictures_of(job: Job, manifest: str, blueprint: Blueprint) -> Labelled:
    """The pictures that a manifest lists over all inputs.

    Raises: Refused with NOTHING_TO_TEST, WIDTH_MISMATCH, LABEL_UNKNOWN or a code of the dataset.
    """
    listed = job.spec.manifests.get(manifest, {})
    parts = [read_rows(job.input(name), rows) for name, rows in listed.items() if rows]
    if not parts:
        raise Refused(
            "NOTHING_TO_TEST",
            f"expected rows in the {manifest} manifest, got none.",
            "Name deleted pictures under forget and never-seen ones under holdout.",
        )
    features_NF = np.concatenate([part.features for part in parts])
    labels_N = np.concatenate([part.labels for part in parts])
    return Labelled(blueprint.scaled(features_NF), blueprint.positions(labels_N))


def _references(job: Job) -> list[Generator]:
    names = [name for name in job.spec.inputs if name.startswith("reference_")]
    folders = [job.input(name) for name in names]
    if "references" in job.spec.inputs:
        folders += job.input("references").glob("seed_*")
    # By number, not by name: reference_10 comes after reference_9.
    return [load_generator(folder) for folder in sorted(folders, key=lambda folder: (len(folder.name), folder.name))]
