"""Stretches of steps and what they cost together: one minorant each, squares of mu added (certified_deletion.md 2.3).

Cyclic mini-batches. Rows cost a drift only in the steps that see their slot, so mu depends on the slot. mu is convex
and of degree one in the drifts (the least length of a shift sequence in a convex cone), so however a person's rows are
spread over slots, the worst is all of them in one slot: take the maximum over slots. Only slots visited last before a
run stops, or the last of all, can be worst: between two stopping points every slot is visited equally often, and the
same drift one step later is contracted once less. Rows that leave at different times could each have their own worst
slot: their mu are added, which is never too little.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from unlearning.accounting.descent import Descent
from unlearning.accounting.minorant import Run
from unlearning.accounting.runs import absent, bound_of, present


@dataclass(frozen=True, kw_only=True)
class Segment:
    """`steps` equal steps of one run. `start`: how many steps of that run came before; `rows`: of each stay, present
    meanwhile; `removed`: rows of anyone gone before; `draws`: times all of it was drawn from one start."""

    start: int
    steps: int
    rows: tuple[int, ...]
    removed: int = 0
    draws: int = 1


@dataclass
class Stretch:
    """Segments between two moments at which both worlds stand at the same point. Its cost is its own minorant."""

    segments: list[Segment] = field(default_factory=list)


def total(descent: Descent, stretches: Sequence[Stretch], *, stays: int) -> float:
    """mu over all stretches for all stays together: adaptive composition of Gaussian mechanisms."""
    if descent.batch is None:
        return _root(descent, [list(_full_batch(descent, part)) for part in stretches])
    slots = _worst_slots(descent, stretches)
    return sum(
        max(_root(descent, [list(_one_slot(descent, part, slot, stay)) for part in stretches]) for slot in slots)
        for stay in range(stays)
    )


def _root(descent: Descent, stretches: Sequence[Sequence[Run]]) -> float:
    return math.sqrt(sum(bound_of(descent, runs).mu ** 2 for runs in stretches))


def _full_batch(descent: Descent, stretch: Stretch) -> Iterator[Run]:
    apart = 0  # rows that made the two worlds differ so far: from there on rounding keeps them apart
    for part in stretch.segments:
        here = sum(part.rows)
        apart = max(apart, here)
        if here:
            yield present(descent, part.steps, here, draws=part.draws, removed_before=part.removed)
        else:
            yield absent(descent, part.steps, apart, draws=part.draws)


def _one_slot(descent: Descent, stretch: Stretch, slot: int, stay: int) -> Iterator[Run]:
    apart = 0
    for part in stretch.segments:
        here = part.rows[stay]
        apart = max(apart, here)
        done, end = part.start, part.start + part.steps
        while done < end:
            quiet = min((slot - done) % descent.batches, end - done) if here else end - done
            if quiet:
                yield absent(descent, quiet, apart, draws=part.draws)
            done += quiet
            if done < end:
                yield present(descent, 1, here, draws=part.draws, removed_before=part.removed)
                done += 1


def _worst_slots(descent: Descent, stretches: Sequence[Stretch]) -> set[int]:
    segments = [part for stretch in stretches for part in stretch.segments]
    stops = {0, *(part.start for part in segments), *(part.start + part.steps for part in segments)}
    return {(stop - 1) % descent.batches for stop in stops}
