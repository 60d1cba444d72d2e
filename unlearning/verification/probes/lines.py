"""The probes as measurement lines: per-record bits for the arms of network_arms, in the schema of measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import torch

from unlearning.runner.refusals import Refused
from unlearning.verification.measurements import Measurement, Tier, bits_line, tier_of
from unlearning.verification.network_arms import NetworkModels, NetworkProbe
from unlearning.verification.probes.data import BlindSide, named_models, penultimate, trainable
from unlearning.verification.probes.features import READERS, cross_read
from unlearning.verification.probes.relearning import Bits, Lesson, relearned_bits, retained_bits

RECORDS = (1, 5, 10)
PROBES = ("relearning.records", "relearning.retain", "probe.linear", "probe.centroid")
Answers = Iterator[tuple[str, float, Bits]]  # arm, budget, bits


def probe_lines(
    models: NetworkModels, data: BlindSide, params: Mapping[str, Any], *, prefix: str, tier: Tier
) -> list[Measurement]:
    """Lines of every probe that params["probes"] names, for arms A, B:k, C, D:k and P.

    Optional params: "lesson" (fields of Lesson) and "seed". relearning.records has a budget for each of 1, 5 and 10
    records that leaves at least one row to ask, so none for a single row; relearning.retain one (its steps); the
    feature probes one, 0. A label that no fitting row carries is recognised in no model: the positive control then
    fails by itself. No refusal hangs on the deleted rows, because a refusal is public.
    Raises: Refused with PROBE_UNKNOWN, NOT_TRAINABLE, FEATURES_UNKNOWN or RETAINED_MISSING.
    """
    lesson, seed = _lesson(params.get("lesson", {})), int(params.get("seed", 0))
    lines = []
    for name in params.get("probes", ()):
        for arm, budget, bits_N in _asker(name)(models, data, name, lesson, seed):
            lines.append(bits_line(f"{prefix}{name}", arm, bits_N.tolist(), budget=budget, tier=_tier(name, arm, tier)))
    return lines


def _tier(name: str, arm: str, deleted_tier: Tier) -> Tier:
    """Retain-only steps read people who stay, so their lines are sealed whoever is asked."""
    return "sealed" if name == "relearning.retain" else tier_of(arm, deleted_tier)


def _asker(name: str) -> Callable[[NetworkModels, BlindSide, str, Lesson, int], Answers]:
    askers = dict(zip(PROBES, (_records, _retain, _features, _features), strict=True))
    if name not in askers:
        raise Refused("PROBE_UNKNOWN", f"expected one of {', '.join(PROBES)}; got another.", "Correct the probes.")
    return askers[name]


def _lesson(given: Mapping[str, Any]) -> Lesson:
    known = {field.name for field in fields(Lesson)}
    return Lesson(**{name: value for name, value in given.items() if name in known})


def _records(models: NetworkModels, data: BlindSide, name: str, lesson: Lesson, seed: int) -> Answers:
    ladder = [records for records in RECORDS if records < min(len(data.deleted), len(data.unseen))]
    for on_deleted, on_unseen, model in named_models(models):
        for arm, rows in _asked(on_deleted, on_unseen, data):
            for records in ladder:
                found = relearned_bits(trainable(model), rows, records=records, lesson=lesson, seed=seed)
                yield arm, float(records), found


def _retain(models: NetworkModels, data: BlindSide, name: str, lesson: Lesson, seed: int) -> Answers:
    if not len(data.retained):
        raise Refused("RETAINED_MISSING", f"{name} expects retained rows, got none.", "Name rows that stay.")
    for on_deleted, on_unseen, model in named_models(models):
        asked = _asked(on_deleted, on_unseen, data)
        groups = [rows for _, rows in asked]
        found = retained_bits(trainable(model), groups, data.retained, lesson=lesson, seed=seed)
        for (arm, _), bits_N in zip(asked, found, strict=True):
            yield arm, float(lesson.retain_steps), bits_N


def _features(models: NetworkModels, data: BlindSide, name: str, lesson: Lesson, seed: int) -> Answers:
    read, labels_M = READERS[name], data.fitting.y.cpu().numpy()
    for on_deleted, on_unseen, model in named_models(models):
        fitting_MD = penultimate(model, data.fitting.x).numpy()
        for arm, rows in _asked(on_deleted, on_unseen, data):
            if _same(rows, data.fitting):
                said_N = cross_read(read, fitting_MD, labels_M)
            else:
                said_N = read(fitting_MD, labels_M, penultimate(model, rows.x).numpy())
            yield arm, 0.0, (said_N == rows.y.cpu().numpy()).astype(np.int64)


def _asked(on_deleted: str, on_unseen: str, data: BlindSide) -> Sequence[tuple[str, NetworkProbe]]:
    return [(arm, rows) for arm, rows in ((on_deleted, data.deleted), (on_unseen, data.unseen)) if arm]


def _same(rows: NetworkProbe, others: NetworkProbe) -> bool:
    """Equal values, not only the same object: a probe that has read a row's label must not be asked for it."""
    return torch.equal(rows.x, others.x) and torch.equal(rows.y, others.y)
