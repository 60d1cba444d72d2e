"""Which rows each step is planned to see, drawn before the first step, so that the record can hold a digest of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from unlearning.language.batching import batches
from unlearning.language.encoding import Encoded


@dataclass(frozen=True)
class Step:
    """Rows of one optimizer step. forget: for each request its rows; retain: rows that all requests share."""

    forget: tuple[tuple[int, ...], ...]
    retain: tuple[int, ...]


def planned(
    forget: Sequence[Encoded],
    retain: Sequence[Encoded],
    *,
    requests: Sequence[int],
    epochs: int,
    batch: int,
    retain_weight: float,
    seed: int,
) -> list[Step]:
    """All steps of a run. requests: how many of the rows to forget belong to each, in their order.

    A step takes up to `batch` rows of each request and up to `batch` rows to keep, once for all requests. An epoch ends
    when the largest request has been seen; smaller ones begin anew.
    """
    owned = list(_owned(requests))
    steps = epochs * max(-(-len(rows) // batch) for rows in owned)
    streams = [_stream(forget, rows, batch=batch, seed=seed + 1 + at) for at, rows in enumerate(owned)]
    kept = _stream(retain, range(len(retain)), batch=batch, seed=seed) if retain_weight else None
    return [Step(tuple(next(stream) for stream in streams), next(kept) if kept else ()) for _ in range(steps)]


def digest_of_order(plan: Sequence[Step], slots_of_forget: Sequence[int], slots_of_retain: Sequence[int]) -> str:
    """SHA-256 of the planned order, in permanent slots."""
    order = [
        [
            [[slots_of_forget[row] for row in rows] for rows in step.forget],
            [slots_of_retain[row] for row in step.retain],
        ]
        for step in plan
    ]
    return "sha256:" + hashlib.sha256(json.dumps(order, separators=(",", ":")).encode()).hexdigest()


def _owned(requests: Sequence[int]) -> Iterator[range]:
    at = 0
    for size in requests:
        yield range(at, at + size)
        at += size


def _stream(encoded: Sequence[Encoded], rows: Sequence[int], *, batch: int, seed: int) -> Iterator[tuple[int, ...]]:
    mine = [encoded[row] for row in rows]
    for epoch in count():
        for group in batches(mine, batch=batch, seed=seed, epoch=epoch):
            yield tuple(rows[place] for place in group)
