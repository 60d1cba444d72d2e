"""What `verify.language` is given: models from files, rows from manifests, all encoded by one tokenizer."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import torch

from unlearning.language.encoding import encode
from unlearning.language.models import LanguageModel, load
from unlearning.language.tokenizers import tokenizer_document
from unlearning.runner.job import Job
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow, count_texts, read_texts
from unlearning.verification.language.arms import LanguageModels, TextProbe
from unlearning.verification.network_inputs import reference_folders


def models_of(job: Job) -> LanguageModels:
    """Candidate, original and references, from one folder with seed_<k>/ or from inputs reference_<k>, or both.

    Raises: Refused with MODEL_UNREADABLE, MODEL_MISMATCH, REFERENCES_ALIKE, REFERENCE_MISSING or REFERENCE_UNASKED.
    """
    found = LanguageModels(
        load(job.input("candidate")),
        load(job.input("original")),
        tuple(map(load, reference_folders(job))),
    )
    _refuse_other_words(found)
    _refuse_alike(found)
    return found


def _refuse_other_words(models: LanguageModels) -> None:
    """A row is encoded once; to a model with another vocabulary its numbers would mean other words."""
    document = tokenizer_document(models.candidate.tokenizer)
    for other in (models.original, *models.references):
        if tokenizer_document(other.tokenizer) != document:
            raise Refused(
                "MODEL_MISMATCH",
                "expected candidate, original and references of one tokenizer, found another.",
                "Train the references with the candidate's tokenizer and template.",
            )


def _refuse_alike(models: LanguageModels) -> None:
    """One training counted twice would make the control look surer than it is; the original is no control at all."""
    for one, other in combinations((models.original, *models.references), 2):
        if _same(one, other):
            raise Refused(
                "REFERENCES_ALIKE",
                "expected the original and all references to differ, got the same weights twice.",
                "Train each reference from a seed of its own, without the deleted rows.",
            )


def _same(one: LanguageModel, other: LanguageModel) -> bool:
    ours, theirs = one.model.state_dict(), other.model.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def listed(job: Job, manifest: str, tokenizer: Any, *, most: int | None = None) -> TextProbe:
    """The rows that a manifest lists over all inputs; canaries are nobody and leave the people's rows.

    most: keep so many, drawn by the job's seed. Raises: Refused with a code of the texts or of the encoding.
    """
    planted = job.spec.manifests.get("canaries", {}) if manifest == "forget" else {}
    left_out = {(name, row) for name, rows in planted.items() for row in rows}
    wanted = [(name, row) for name, rows in job.spec.manifests.get(manifest, {}).items() for row in rows]
    keys = [key for key in wanted if key not in left_out]
    if most is not None and len(keys) > most:
        drawn = np.random.default_rng(job.params["seed"]).permutation(len(keys))[:most]
        keys = [keys[at] for at in sorted(drawn.tolist())]
    rows = []
    for name in dict.fromkeys(name for name, _ in keys):
        rows += read_texts(job.input(name), [row for origin, row in keys if origin == name])
    return probe_of(job, tokenizer, rows)


def general_knowledge(job: Job, tokenizer: Any) -> list[TextProbe]:
    """The rows of inputs real_authors and world_facts, where they are given.

    Raises: Refused with OPTIONS_MISSING or a code of the texts or of the encoding.
    """
    found = []
    for name in ("real_authors", "world_facts"):
        if name in job.spec.inputs:
            rows = read_texts(job.input(name), range(count_texts(job.input(name))))
            if not all(row.wrong for row in rows):
                raise Refused(
                    "OPTIONS_MISSING", f"expected wrong answers in every row of {name}, found gaps.", "Add some."
                )
            found.append(probe_of(job, tokenizer, rows))
    return found


def probe_of(job: Job, tokenizer: Any, rows: list[TextRow]) -> TextProbe:
    """Rows encoded as the models were trained on them."""
    how = {name: job.params[name] for name in ("template", "most_tokens")}
    return TextProbe(tuple(rows), tuple(encode(tokenizer, rows, **how)))
